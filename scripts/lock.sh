#!/usr/bin/env bash
# Resolves requirements/*.in anew into *.txt with the hash of every file and no address in them.
# UPGRADE=1 takes newer versions; without it only what the .in files ask for changes.
set -euo pipefail
cd "$(dirname "$0")/.."
uv="${UV:-.venv/bin/uv}"
for name in base dev; do
  "$uv" pip compile --quiet --generate-hashes --no-emit-index-url --no-header ${UPGRADE:+--upgrade} \
    --python-version 3.11 "requirements/$name.in" -o "requirements/$name.txt"
done
