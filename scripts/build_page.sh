#!/usr/bin/env bash
# Builds the report's page from web/src and compares it with the committed one, which is what the program has built in.
set -euo pipefail
"$(dirname "${BASH_SOURCE[0]}")/setup.sh" node
cd "$(dirname "${BASH_SOURCE[0]}")/../web"

npm ci --no-audit --no-fund --loglevel=error
npm run --silent types
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
node build.mjs "$scratch/report.html"
if ! cmp -s "$scratch/report.html" dist/report.html; then
  echo "[page] expected web/dist/report.html to be what web/src builds, found another; run \`npm run build\` in web/" >&2
  exit 1
fi
echo "[page] web/dist/report.html is what web/src builds"
