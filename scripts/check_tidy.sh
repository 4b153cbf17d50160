#!/usr/bin/env bash
# Runs clang-tidy over the library, the program and the Python bindings. Installs it into build/tidy/.
#   scripts/check_tidy.sh BUILD PYTHON_BUILD    directories with compile_commands.json: build/release, for example, and
#                                               build/python, which scripts/check_python.sh makes
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=${1:?expected a build directory}
python_build=${2:?expected the build directory of the Python package}
place=build/tidy
wanted=scripts/tidy-requirements.txt

if ! cmp -s "$wanted" "$place/installed.txt"; then
  rm -rf "$place"
  python3 -m venv "$place"
  "$place/bin/pip" install --quiet --disable-pip-version-check -r "$wanted"
  cp "$wanted" "$place/installed.txt"
fi
# tidy OPTION...: the files that are listed in the input. They are compiled by GCC, whose warnings clang does not all know.
tidy() {
  xargs -0 -r -P "$(getconf _NPROCESSORS_ONLN)" -n 1 "$place/bin/clang-tidy" --quiet --extra-arg=-Wno-unknown-warning-option "$@"
}
find reformer apps -name '*.cc' -print0 | tidy -p "$build"
# nanobind does not heed all of clang's warnings.
find python/bindings -name '*.cc' -print0 | tidy -p "$python_build" --extra-arg=-Wno-deprecated-literal-operator
