#!/bin/sh
# Copies the API's certificate and key from where root alone reads them to where the service does. Run by root, at the
# service's start and reload:  take-certificate.sh FROM TO
set -eu
from=$1
to=$2
for name in cert key; do
  install -m 0400 "$from/$name.pem" "$to/$name.new"
  chown --reference="$to" "$to/$name.new"
done
# The service takes them as a pair only, so it does not matter that one comes a moment before the other.
mv -f "$to/cert.new" "$to/cert.pem"
mv -f "$to/key.new" "$to/key.pem"
