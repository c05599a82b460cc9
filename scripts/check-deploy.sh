#!/usr/bin/env bash
# `manage.py check --deploy` under an environment like production's: the product's own checks must accept it.
set -euo pipefail
cd "$(dirname "$0")/.."
var="$(mktemp -d)"
trap 'rm -rf "$var"' EXIT
env -i PATH="$PATH" HOME="$var" HOSO_VAR="$var" HOSO_ENV=production \
  HOSO_SECRET_KEY="$(head -c 48 /dev/urandom | base64)" HOSO_HOSTS=hoso.example HOSO_SITE_URL=https://hoso.example \
  DATABASE_URL=postgres://hoso:hoso@db.example/hoso REDIS_URL=redis://redis.example:6379/0 \
  EMAIL_URL=smtp+tls://hoso:hoso@mail.example:587 S3_BUCKET=ho-so HOSO_CLAMD=clamav:3310 \
  HOSO_TAX_REGISTRY_URL='https://registry.example/{code}' \
  .venv/bin/python manage.py check --deploy --fail-level WARNING
