#!/usr/bin/env bash
# Lets TensorBoard itself read what `reformer runs export --format tensorboard` writes: every number of a small run, from
# the file by its reader and from its server by HTTP. Installs TensorBoard into build/tensorboard/.
#   scripts/check_tensorboard.sh [PROGRAM]        PROGRAM: by default build/release/reformer
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
program=${1:-build/release/reformer}
place=build/tensorboard

if [[ ! -x $place/bin/tensorboard ]]; then
  python3 -m venv "$place"
  "$place/bin/pip" install --quiet -r scripts/tensorboard-requirements.txt
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$program" train --preset smoke --attention lsh --evaluate-every 10 --run "$work/run" --quiet
"$program" runs export "$work/run" --format tensorboard --out "$work/logs/lsh"
"$place/bin/python" scripts/check_tensorboard.py "$work/run/run.db" "$work/logs"
