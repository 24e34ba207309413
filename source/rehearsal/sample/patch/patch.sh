#!/bin/bash
# Brings an OMFLOW server to 1.2.0.0. Run as root from this folder, with Python 3.11 and Django 4.2 as python3.
set -e

server=/opt/omflow/server
[ -f "$server/manage.py" ] || { echo "No OMFLOW server in $server"; exit 1; }

echo "[1/6] Stop OMFLOW"
"$server/omflow_server" stop

echo "[2/6] Replace program files"
cp -r --no-preserve=ownership server/. "$server/"

echo "[3/6] Update settings"
python3 settings_1_2_0_0.py "$server/omflow/settings.py"

echo "[4/6] Migrate database"
(cd "$server" && python3 manage.py migrate --noinput)

echo "[5/6] Leave work for the first start"
cp tmp.py "$server/tmp.py"

echo "[6/6] Write version"
printf 'version=1.2.0.0\nversion_num=001002000000\n' > "$server/omflow/syscom/version.bin"
chown -R --reference="$server" "$server"
echo "OMFLOW 1.2.0.0 is installed"
