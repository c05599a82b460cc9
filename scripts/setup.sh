#!/usr/bin/env bash
# Prepares this checkout: `scripts/setup.sh base` for running the product, `dev` for working on it as well.
# Does nothing when nothing changed; works as root, with sudo, and without either.
set -euo pipefail
cd "$(dirname "$0")/.."
kind="${1:-dev}"

find_python() {
  for candidate in ${PYTHON:-} python3.11 python3 python3.12 python3.13; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  echo "setup: Python 3.11 or newer is needed." >&2
  exit 1
}

has_library() { "$python" -c "import ctypes; ctypes.CDLL('$1')" 2>/dev/null; }

# One line for each system package: its name, how to see that it is there, what is left out without it.
list_missing() {
  "$python" -c 'import ensurepip, venv' 2>/dev/null || echo "python3-venv|nothing works without it"
  has_library libpango-1.0.so.0 || echo "libpango-1.0-0|no PDF can be made"
  has_library libpangoft2-1.0.so.0 || echo "libpangoft2-1.0-0|no PDF can be made"
  has_library libharfbuzz-subset.so.0 || echo "libharfbuzz-subset0|fonts in PDFs are not cut down"
  [ "$kind" = dev ] || return 0
  command -v chromium >/dev/null || echo "chromium|the journeys in a browser and the screenshots are left out"
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || echo "postgresql|the tests on PostgreSQL and the benchmarks are left out"
  command -v redis-server >/dev/null || echo "redis-server|the tests with Redis and a real worker are left out"
  command -v pdftotext >/dev/null || echo "poppler-utils|the tests that read PDFs are left out"
  command -v msgfmt >/dev/null || echo "gettext|translations cannot be compiled"
  command -v qpdf >/dev/null || echo "qpdf|the tests that check PDFs are left out"
}

install_system_packages() {
  local missing packages sudo=""
  missing="$(list_missing)"
  [ -n "$missing" ] || return 0
  packages="$(cut -d'|' -f1 <<<"$missing" | tr '\n' ' ')"
  if command -v apt-get >/dev/null; then
    if [ "$(id -u)" -ne 0 ]; then sudo="sudo -n"; fi
    if [ -z "$sudo" ] || $sudo true 2>/dev/null; then
      echo "setup: installing $packages"
      # shellcheck disable=SC2086
      { $sudo apt-get update -qq && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $packages; } \
        >"$log" 2>&1 || tail -n 5 "$log" >&2
    fi
  fi
  list_missing | while IFS='|' read -r package consequence; do
    echo "setup: $package is missing: $consequence. (apt-get install $package)" >&2
  done
}

python="$(find_python)"
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
# Two makes at once in one checkout wait for each other.
if command -v flock >/dev/null; then
  exec 9>.setup.lock
  flock 9
fi

install_system_packages
lock="$(cat "requirements/$kind.txt" <("$python" -V) | sha256sum | cut -c1-16)"
stamp=".venv/.installed-$kind-$lock"
dev_stamp=".venv/.installed-dev-$(cat requirements/dev.txt <("$python" -V) | sha256sum | cut -c1-16)"
if [ -e "$stamp" ] || [ -e "$dev_stamp" ]; then exit 0; fi  # dev holds everything that base holds

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
  rm -rf .venv
  "$python" -m venv .venv
fi
rm -f .venv/.installed-*
echo "setup: installing the locked Python packages ($kind)"
.venv/bin/python -m pip install -qq --disable-pip-version-check --no-input --no-compile --no-deps --require-hashes \
  --only-binary :all: -r "requirements/$kind.txt"
touch "$stamp"
