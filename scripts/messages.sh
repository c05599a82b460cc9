#!/usr/bin/env bash
# The English catalogue: collect the texts, then compile. New and changed texts are left to be translated in the .po.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v xgettext >/dev/null || { echo "messages: gettext is missing. (apt-get install gettext)" >&2; exit 1; }
ignored=()
for folder in .venv var static staticfiles node_modules tests bench; do ignored+=(--ignore "$folder"); done
scripts/apart.sh makemessages --locale en --no-obsolete --no-location --no-wrap "${ignored[@]}"
# The day and the machine's time zone would change the file each time.
sed -i '/^"POT-Creation-Date: /d; /^"Report-Msgid-Bugs-To: /d' locale/en/LC_MESSAGES/django.po
scripts/apart.sh compilemessages --locale en
msgfmt --statistics -o /dev/null locale/en/LC_MESSAGES/django.po
