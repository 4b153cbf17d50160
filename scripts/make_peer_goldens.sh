#!/usr/bin/env bash
# Runs the attention and the models of reformer-pytorch, reformer_fastai and transformers, and records
# what they give for tests/python/peers_test.py and peer_models_test.py, in tests/python/peers/. Their packages come from
# the package index, into build/. The models hash by the rotations of ours, so our package is built too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/setup.sh peers

environment=$(python/peers/environment.sh)
scripts/check_python.sh --collect-only > build/peers-collected.txt
cd python/peers
rotations=../../build/peers-rotations.npz
../../build/python-environment/bin/python draw_rotations.py "$rotations"
"../../$environment/bin/python" make_goldens.py ../../tests/python/peers
"../../$environment/bin/python" make_model_goldens.py ../../tests/python/peers "$rotations"
"../../$environment/bin/python" make_uncovered.py ../../tests/python/peers
