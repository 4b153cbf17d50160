#!/usr/bin/env bash
# Builds the Python package in a virtual environment, build/python-environment, and runs its tests.
#   scripts/check_python.sh [arguments of pytest]
# The packages of python/requirements-check.txt come from the package index. PyTorch is used where the system has it
# (on Debian, python3-torch); without it the tests of reformer.torch are skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

environment=build/python-environment
wanted=python/requirements-check.txt
# The system's Python, for only that one sees the system's PyTorch.
python=${REFORMER_PYTHON:-/usr/bin/python3}
[[ -x $python ]] || python=python3

if ! cmp -s "$wanted" "$environment/installed.txt"; then
  rm -rf "$environment"
  "$python" -m venv --system-site-packages "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check -r "$wanted"
  cp "$wanted" "$environment/installed.txt"
fi
# No index: what the build needs is there, and the library itself comes from here. The compiler by the name that the
# release build calls it by, not by the one that Python was built with: so ccache knows the library's objects already.
CXX=${CXX:-c++} "$environment/bin/pip" install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation \
  --force-reinstall --config-settings=build-dir=build/python --config-settings=cmake.define.REFORMER_WERROR=ON \
  --config-settings=cmake.define.CMAKE_EXPORT_COMPILE_COMMANDS=ON .
exec "$environment/bin/python" -m pytest "$@"
