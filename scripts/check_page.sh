#!/usr/bin/env bash
# Builds the report's page again and compares it with the committed one, then tests reports of real runs in Chromium.
#   scripts/check_page.sh PROGRAM    for example build/release/reformer
set -euo pipefail
"$(dirname "${BASH_SOURCE[0]}")/setup.sh" page
program=$(realpath "${1:?expected the program to test}")
cd "$(dirname "${BASH_SOURCE[0]}")/../web"

npm ci --no-audit --no-fund --loglevel=error
npm run --silent types
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
node build.mjs "$scratch/report.html"
if ! cmp -s "$scratch/report.html" dist/report.html; then
  echo "[page] web/dist/report.html is not what web/src builds; run \`npm run build\` in web/ and commit it" >&2
  exit 1
fi
REFORMER_PROGRAM=$program LANG=C.UTF-8 npx playwright test
