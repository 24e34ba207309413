#!/bin/bash
# Brings OMFLOW's server, collector or both to 1.2.0.0. Run as root from this folder, with Python 3.11 and
# Django 4.2 as python3.
set -e

roles=()
for role in server collector; do
	if [ -f "/opt/omflow/$role/manage.py" ]; then roles+=("$role"); fi
done
[ ${#roles[@]} -gt 0 ] || { echo "No OMFLOW in /opt/omflow"; exit 1; }

echo "[1/6] Stop OMFLOW"
for role in "${roles[@]}"; do
	"/opt/omflow/$role/omflow_$role" stop
done

echo "[2/6] Replace program files"
for role in "${roles[@]}"; do
	cp -r --no-preserve=ownership "$role/." "/opt/omflow/$role/"
done

echo "[3/6] Update settings"
for role in "${roles[@]}"; do
	python3 settings_1_2_0_0.py "/opt/omflow/$role/omflow/settings.py"
done

echo "[4/6] Migrate database"
for role in "${roles[@]}"; do
	(cd "/opt/omflow/$role" && python3 manage.py migrate --noinput)
done

echo "[5/6] Leave work for the first start"
for role in "${roles[@]}"; do
	cp tmp.py "/opt/omflow/$role/tmp.py"
done

echo "[6/6] Write version"
for role in "${roles[@]}"; do
	printf 'version=1.2.0.0\nversion_num=001002000000\n' > "/opt/omflow/$role/omflow/syscom/version.bin"
	chown -R --reference="/opt/omflow/$role" "/opt/omflow/$role"
done
echo "OMFLOW 1.2.0.0 is installed"
