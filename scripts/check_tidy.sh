#!/usr/bin/env bash
# Runs clang-tidy over the library and the program. Installs it into build/tidy/.
#   scripts/check_tidy.sh BUILD    a build directory with compile_commands.json, for example build/asan
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=${1:?expected a build directory}
place=build/tidy
wanted=scripts/tidy-requirements.txt

if ! cmp -s "$wanted" "$place/installed.txt"; then
  rm -rf "$place"
  python3 -m venv "$place"
  "$place/bin/pip" install --quiet --disable-pip-version-check -r "$wanted"
  cp "$wanted" "$place/installed.txt"
fi
find reformer apps -name '*.cc' -print0 |
  xargs -0 -r -P "$(getconf _NPROCESSORS_ONLN)" -n 1 "$place/bin/clang-tidy" -p "$build" --quiet
