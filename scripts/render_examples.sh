#!/usr/bin/env bash
# Runs the notebook python/examples/lsh_attention.py and writes docs/python-example.md with what it prints and draws.
#   scripts/render_examples.sh            writes the page and its figures
#   scripts/render_examples.sh --check    writes nothing, and fails where they would be others
# Needs what scripts/setup.sh check installs. Jupyter's libraries come from the package index, into build/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/check_python.sh --collect-only > build/examples-collected.txt
cmake --preset release > build/examples-build.txt
cmake --build --preset release --target reformer_cli >> build/examples-build.txt

environment=build/examples-environment
wanted=python/examples/requirements.txt
if ! cmp -s "$wanted" "$environment/installed.txt"; then
  rm -rf "$environment"
  build/python-environment/bin/python -m venv --system-site-packages "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$wanted"
  cp "$wanted" "$environment/installed.txt"
fi
# Our package and pandas are in the other environment.
packages() { "$1/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))'; }
packages build/python-environment > "$(packages "$environment")/reformer-package.pth"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/docs" "$folder/work"
root=$PWD
export MATPLOTLIBRC=$root/python/examples/matplotlibrc SOURCE_DATE_EPOCH=0 PATH=$root/build/release:$PATH
(cd "$folder/work" && "$root/$environment/bin/python" "$root/python/examples/render.py" \
  "$root/python/examples/lsh_attention.py" "$folder/docs/python-example.md")

if [[ ${1:-} == --check ]]; then
  mkdir "$folder/committed"
  cp docs/python-example.md docs/python-example-*.svg "$folder/committed"
  diff -r "$folder/committed" "$folder/docs"
else
  rm -f docs/python-example-*.svg
  cp "$folder"/docs/* docs/
fi
