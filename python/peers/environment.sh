#!/usr/bin/env bash
# Makes the virtual environment that the peers run in, unless it is there, and prints its folder. Everything in it, PyTorch
# too, comes from the package index: 6 GB. scripts/make_peer_goldens.sh and bench/peers/run share it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

environment=build/peers-environment
wanted=python/peers/requirements.txt
if ! cmp -s "$wanted" "$environment/installed.txt"; then
  rm -rf "$environment"
  # Debian's Python, for which these versions were chosen.
  /usr/bin/python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$wanted" >&2
  cp "$wanted" "$environment/installed.txt"
fi
echo "$environment"
