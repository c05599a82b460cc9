#!/usr/bin/env bash
# manage.py on an empty folder of its own, so that a check neither reads nor touches var/.
set -euo pipefail
cd "$(dirname "$0")/.."
var="$(mktemp -d)"
trap 'rm -rf "$var"' EXIT
HOSO_VAR="$var" .venv/bin/python manage.py "$@"
