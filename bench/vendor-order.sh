#!/bin/bash
# The vendor's steps for 1.2.0.0 on Linux, online, in the vendor's order and by the vendor's commands. What needs
# the network runs in the host's, because a view has none. Nobody thinks, types or reads in between.
set -e
online() { nsenter --net="$HOST_NETWORK" -- "$@"; }

echo "1. Stop OMFLOW"
/opt/omflow/server/omflow_server stop

echo "2. Delete the python folder"
rm -rf /opt/omflow/python/

echo "3. Install packages; the distribution has this Python, so no repository is added"
online apt-get update -y || echo "Going on with the package lists that are there"
export DEBIAN_FRONTEND=noninteractive
online apt-get install -y python3.11 python3.11-dev python3.11-venv python3-pip

echo "4. Left out: python3 stays what it is, and Python 3.11 is called by its name"

echo "5. Create a virtual environment"
python3.11 -m venv /opt/omflow/python

echo "6. Install Python packages, with those that this server's flows use"
source /opt/omflow/python/bin/activate
online pip install wheel
online pip install django==4.2 ldap3 mod_wsgi openpyxl PyMySQL python-dateutil requests xlrd

echo "7. Name the new wsgi_module"
module=$(mod_wsgi-express module-location)
sed -Ei "s|^(LoadModule wsgi_module ).*|\1$module|; s|lib/python3\.[0-9]+/|lib/python3.11/|" \
	/etc/apache2/sites-available/django.conf

echo "8. Update and start OMFLOW"
cd /tmp/
tar zxvf "$PATCH"
cd "$(dirname "$(tar tzf "$PATCH" | grep -m 1 '/patch\.sh$')")"
./patch.sh
/opt/omflow/server/omflow_server start
