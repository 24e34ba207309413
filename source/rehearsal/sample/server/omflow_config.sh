#!/bin/bash
# Sets where this server answers: omflow_config.sh IP PORT {http|https}
set -e
[ $# -eq 3 ] || { echo "Usage: $0 IP PORT {http|https}"; exit 2; }
cd "$(dirname "$0")"
sed -i \
	-e "s/^LOCAL_IP = .*/LOCAL_IP = '$1'/" \
	-e "s/^LOCAL_PORT = .*/LOCAL_PORT = '$2'/" \
	-e "s/^LOCAL_PROTOCOL = .*/LOCAL_PROTOCOL = '$3'/" \
	omflow/settings.py
echo "OMFLOW answers at $3://$1:$2/"
