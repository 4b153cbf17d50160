#!/usr/bin/env bash
# Runs clang-tidy over the library, the program and the Python bindings. Installs it into build/tidy/.
#   scripts/check_tidy.sh PYTHON_BUILD    directory with compile_commands.json: build/python, which scripts/check_python.sh makes
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python_build=${1:?expected the build directory of the Python package}
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
# Most of the time goes to the headers, so sources are looked at in bunches, which include them: they are to be told of like headers.
cmake --preset lint >/dev/null
cmake --build --preset lint --target reformer_version page_template.cc >/dev/null  # sources that are made
python3 -c 'import json, sys; print(*{entry["file"] for entry in json.load(sys.stdin)}, sep="\0", end="\0")' <build/lint/compile_commands.json |
  tidy -p build/lint --checks=-bugprone-suspicious-include --header-filter='/(reformer|apps)/([^/]*/)?([^/]*/)?[^/]*\.(h|cc)$'
# nanobind does not heed all of clang's warnings.
find python/bindings -name '*.cc' -print0 | tidy -p "$python_build" --extra-arg=-Wno-deprecated-literal-operator
