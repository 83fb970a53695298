#!/bin/bash
# Brings the token, and the API's certificate, to where fnmesh.service takes them. Run by root before each of its
# starts, and daily. What it has to know is in /etc/fnmesh/ec2.env:
#   REGION, ADDRESS          of this instance
#   TOKEN_SECRET             the Secrets Manager secret that is the token
#   CERTIFICATE_SECRET       one that holds {"certificate": PEM, "key": PEM}; empty: a certificate is made here
#   CERTIFICATE_PARAMETER    the SSM parameter that shows a certificate made here
set -euo pipefail
umask 077
# The folders are other ones in tests.
env_file=${FNMESH_EC2_ENV:-/etc/fnmesh/ec2.env}
secrets=${FNMESH_SECRETS:-/run/fnmesh-secrets}
tls=${FNMESH_TLS:-/etc/fnmesh/tls}
# shellcheck source=/dev/null
. "$env_file"

secret() {
  aws secretsmanager get-secret-value --region "$REGION" --secret-id "$1" --query SecretString --output text
}

mkdir -p "$secrets" "$tls"
secret "$TOKEN_SECRET" >"$secrets/token.new"
mv -f "$secrets/token.new" "$secrets/token"

split='
  const { readFileSync, writeFileSync } = require("node:fs");
  const { certificate, key } = JSON.parse(readFileSync(0, "utf8"));
  if (!certificate || !key) throw new Error("the certificate secret lacks `certificate` or `key`");
  const folder = process.argv[1];
  writeFileSync(`${folder}/cert.new`, certificate);
  writeFileSync(`${folder}/key.new`, key);
'
month=2592000
if [ -n "$CERTIFICATE_SECRET" ]; then
  secret "$CERTIFICATE_SECRET" | node -e "$split" "$tls"
elif openssl x509 -in "$tls/cert.pem" -noout -checkend "$month" >/dev/null 2>&1; then
  exit 0
else
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 397 \
    -subj "/CN=fnmesh orchestrator" -addext "subjectAltName=IP:$ADDRESS,IP:127.0.0.1,DNS:localhost" \
    -keyout "$tls/key.new" -out "$tls/cert.new" 2>/dev/null
  aws ssm put-parameter --region "$REGION" --name "$CERTIFICATE_PARAMETER" --type String --overwrite \
    --value "file://$tls/cert.new" >/dev/null
fi
mv -f "$tls/cert.new" "$tls/cert.pem"
mv -f "$tls/key.new" "$tls/key.pem"
