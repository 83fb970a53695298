#!/bin/bash
# Makes the orchestrator a service of an EC2 instance, once, at its first start. Run by root from the user data of
# orchestrator.yaml, after the packages are in /opt/fnmesh and what it has to know is in /etc/fnmesh/ec2.env.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=/dev/null
. /etc/fnmesh/ec2.env

install -d -m 0755 /etc/fnmesh /etc/systemd/system/fnmesh.service.d
install -d -m 0700 /etc/fnmesh/tls
# The token is only ever in memory: where the unit looks for it stands a link to what fetch-secrets.sh writes.
ln -sfn /run/fnmesh-secrets/token /etc/fnmesh/token
printf 'FNMESH_SERVE_OPTIONS=--advertise %s %s\nAWS_REGION=%s\n' "$ADDRESS" "$SERVE_OPTIONS" "$REGION" \
  >/etc/fnmesh/serve.env

units=/etc/systemd/system
install -m 0644 "$here/../systemd/fnmesh.service" "$here/fnmesh-secrets.service" "$here/fnmesh-secrets.timer" "$units"
install -m 0644 "$here/needs-secrets.conf" "$units/fnmesh.service.d/"
systemctl daemon-reload
systemctl enable fnmesh.service fnmesh-secrets.timer
systemctl start fnmesh.service fnmesh-secrets.timer

# Its own certificate proves nothing to itself: what is asked here is whether it answers at all.
curl --silent --show-error --fail --insecure --output /dev/null \
  --retry 30 --retry-delay 2 --retry-connrefused https://127.0.0.1:7421/readyz
