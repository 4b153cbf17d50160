#!/usr/bin/env bash
# Runs clang-tidy over the library, the program and the Python bindings. Installs it into build/tidy/.
#   scripts/check_tidy.sh BUILD PYTHON_BUILD    directories with compile_commands.json: build/asan, for example, and
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
# tidy OPTION...: the files that are listed in the input
tidy() {
  xargs -0 -r -P "$(getconf _NPROCESSORS_ONLN)" -n 1 "$place/bin/clang-tidy" --quiet "$@"
}
# Headers that another version of clang compiled cannot be read: every file is read by itself.
sed -E 's/ -Winvalid-pch| -Xclang -fno-pch-timestamp| -Xclang -include(-pch)? -Xclang [^ ]+//g' "$build/compile_commands.json" \
  >"$place/compile_commands.json"
find reformer apps -name '*.cc' -print0 | tidy -p "$place"
# These were compiled by GCC, whose warnings clang does not all know, and include nanobind, which does not heed all of clang's.
find python/bindings -name '*.cc' -print0 | tidy -p "$python_build" --extra-arg=-Wno-unknown-warning-option \
  --extra-arg=-Wno-deprecated-literal-operator
