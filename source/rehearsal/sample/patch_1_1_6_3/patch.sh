#!/bin/bash
# Brings OMFLOW's server, collector or both to 1.1.6.3. Run as root from this folder; the environment stays.
set -e

python=/opt/omflow/python/bin/python
roles=()
for role in server collector; do
	if [ -f "/opt/omflow/$role/manage.py" ]; then roles+=("$role"); fi
done
[ ${#roles[@]} -gt 0 ] || { echo "No OMFLOW in /opt/omflow"; exit 1; }

echo "[1/4] Stop OMFLOW"
for role in "${roles[@]}"; do
	"/opt/omflow/$role/omflow_$role" stop
done

echo "[2/4] Replace program files"
for role in "${roles[@]}"; do
	cp -r --no-preserve=ownership "$role/." "/opt/omflow/$role/"
done

echo "[3/4] Migrate database"
for role in "${roles[@]}"; do
	(cd "/opt/omflow/$role" && "$python" manage.py migrate --noinput)
done

echo "[4/4] Write version"
for role in "${roles[@]}"; do
	printf 'version=1.1.6.3\nversion_num=001001006003\n' > "/opt/omflow/$role/omflow/syscom/version.bin"
	chown -R --reference="/opt/omflow/$role" "/opt/omflow/$role"
done
echo "OMFLOW 1.1.6.3 is installed"
