#!/usr/bin/env bash
# Builds the report's page, see build_page.sh, and tests reports of real runs in Chromium.
#   scripts/check_page.sh PROGRAM    for example build/release/reformer
set -euo pipefail
program=$(realpath "${1:?expected the program to test}")
cd "$(dirname "${BASH_SOURCE[0]}")"
./setup.sh page
./build_page.sh
cd ../web
REFORMER_PROGRAM=$program LANG=C.UTF-8 npx playwright test
