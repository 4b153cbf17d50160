#!/usr/bin/env bash
# Runs the attention of reformer-pytorch, reformer_fastai and transformers and records what it gives for
# tests/python/peers_test.py, in tests/python/peers/. Their packages come from the package index, into build/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/setup.sh peers

environment=build/peers-environment
wanted=python/peers/requirements.txt
if ! cmp -s "$wanted" "$environment/installed.txt"; then
  rm -rf "$environment"
  # The system's Python, for PyTorch is the system's.
  /usr/bin/python3 -m venv --system-site-packages "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$wanted"
  cp "$wanted" "$environment/installed.txt"
fi
cd python/peers
exec "../../$environment/bin/python" make_goldens.py ../../tests/python/peers
