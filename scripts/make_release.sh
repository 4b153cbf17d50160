#!/usr/bin/env bash
# Makes a tarball of the last commit: sources with the report's page built, so that building the program needs no Node.
#   scripts/make_release.sh [DIRECTORY]    writes DIRECTORY/reformer-VERSION.tar.gz and prints its name [build]
# The same commit gives the same bytes. Refused are changes that are not committed, and a page other than its sources build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
directory=${1:-build}
if ! git diff --quiet HEAD --; then
  echo "[release] expected all changes to be committed, found some that are not; try git status" >&2
  exit 1
fi
scripts/build_page.sh >&2
version=$(sed -nE 's/^ *VERSION ([0-9.]+)$/\1/p' CMakeLists.txt)
mkdir -p "$directory"
file=$directory/reformer-$version.tar.gz
git archive --format=tar --prefix="reformer-$version/" HEAD | gzip -9n >"$file.part"
mv "$file.part" "$file"
echo "$file"
