#!/usr/bin/env bash
# A report of 50 runs of 150,000 steps: smaller than 2 MB, made in bounded time and memory, and usable in Chromium. The runs are
# made by tests/large_report/make_runs.py, 0.6 GB in a temporary directory.
#   scripts/check_large_report.sh PROGRAM    for example build/release/reformer
set -euo pipefail
program=$(realpath "${1:?expected the program to test}")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/setup.sh page
[[ -d web/node_modules ]] || (cd web && npm ci --no-audit --no-fund --loglevel=error)

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$program" train --preset smoke --attention lsh --steps 20 --quiet --run "$scratch/one" >/dev/null
mkdir "$scratch/runs"
tests/large_report/make_runs.py "$scratch/one" "$scratch/runs" --runs 50 --steps 150000

# A gigabyte of addresses is far more than one run at a time takes, and less than all of them.
began=$(date +%s%N)
(ulimit -v 1000000 && exec "$program" report "$scratch/runs" -o "$scratch/report.html" --quiet)
echo "[large report] made in $((($(date +%s%N) - began) / 1000000)) ms"
bytes=$(stat -c %s "$scratch/report.html")
echo "[large report] $bytes bytes"
if ((bytes >= 2000000)); then
  echo "[large report] expected a page below 2,000,000 bytes, found $bytes" >&2
  exit 1
fi
cd web
LARGE_REPORT=$scratch/report.html LANG=C.UTF-8 npx playwright test --config large.config.ts
