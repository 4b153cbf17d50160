#!/usr/bin/env bash
# Random calls of the Python package, and calls with mistakes in them, with the library and its bindings under
# AddressSanitizer and UndefinedBehaviorSanitizer. Needs the environment that check_python.sh makes.
#   scripts/check_python_asan.sh [arguments of pytest]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

environment=build/python-environment
package=$PWD/build/python-asan-package
compiler=$(command -v clang++-19 || command -v clang++)
rm -rf "$package"
# Everything as in the preset `asan`, so that ccache knows the library's objects already.
CXX=$compiler "$environment/bin/pip" install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation \
  --target "$package" --config-settings=build-dir=build/python-asan --config-settings=cmake.build-type=RelWithDebInfo \
  --config-settings=cmake.define.CMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -gline-tables-only" \
  --config-settings=cmake.define.REFORMER_SANITIZE=address,undefined \
  --config-settings=cmake.define.REFORMER_FUZZ=ON --config-settings=cmake.define.REFORMER_WERROR=ON .

# Python is not built with the sanitizer, whose runtime has to be there first all the same. Python's own allocator would hide
# what is done to arrays from it; what Python leaves allocated at its end is no leak of ours.
runtime=$("$compiler" -print-file-name="libclang_rt.asan-$(uname -m).so")
if [[ $runtime != /* ]]; then
  echo "[check] expected the shared runtime of AddressSanitizer, found none for $compiler; try libclang-rt-19-dev" >&2
  exit 2
fi
if (($# == 0)); then set -- tests/python/random_calls_test.py tests/python/mistakes_test.py; fi
export LD_PRELOAD=$runtime PYTHONMALLOC=malloc ASAN_OPTIONS=detect_leaks=0 PYTHONPATH=$package
# Tests of the installed package instead would pass without a word.
"$environment/bin/python" -c "
import reformer
assert reformer.__file__.startswith('$package'), reformer.__file__
assert b'__asan_init' in open(reformer._native.__file__, 'rb').read()"
exec "$environment/bin/python" -m pytest "$@"
