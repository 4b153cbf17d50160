#!/usr/bin/env bash
# Makes a release, see make_release.sh, and builds the program from it where there is no Node: it must say its commit and write a
# report with the page in it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# At the same place each time, where ccache knows what it compiled before.
scratch=$PWD/build/release-check
rm -rf "$scratch"
mkdir -p "$scratch/without"
tarball=$(scripts/make_release.sh "$scratch")
tar -xzf "$tarball" -C "$scratch"
source=$(echo "$scratch"/reformer-*/)

# Whoever calls these is seen.
for name in node npm npx; do
  printf '#!/bin/sh\necho "%s" >>"%s/called"\nexit 127\n' "$name" "$scratch" >"$scratch/without/$name"
  chmod +x "$scratch/without/$name"
done
export PATH="$scratch/without:$PATH"

# With the flags and at the place of the release build, whose objects ccache knows already.
build=${source}build/release
cmake -S "$source" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DREFORMER_TESTS=OFF -DREFORMER_BENCH=OFF \
  -DREFORMER_WERROR=ON >"$scratch/configure.txt"
cmake --build "$build" --target reformer_cli >"$scratch/build.txt" || { tail -n 40 "$scratch/build.txt"; exit 1; }
if [[ -e $scratch/called ]]; then
  echo "[release] expected a build without Node, found calls of: $(sort -u "$scratch/called" | tr '\n' ' ')" >&2
  exit 1
fi
commit=$(git rev-parse HEAD)
said=$("$build/reformer" --version)
if [[ $said != *${commit:0:12}* ]]; then
  echo "[release] expected the program to name commit ${commit:0:12}, found: $said" >&2
  exit 1
fi
"$build/reformer" report "$source/results/table2-laptop" -o "$scratch/report.html" --quiet
page=$(wc -c <"$source/web/dist/report.html")
found=$(wc -c <"$scratch/report.html")
if ((page < 100000 || found < page)) || ! grep -q '"format":"reformer report"' "$scratch/report.html"; then
  echo "[release] expected a report with the page of $page bytes in it, found one of $found bytes" >&2
  exit 1
fi
echo "[release] $(basename "$tarball"), $(wc -c <"$tarball") bytes, builds without Node and has the page in it"
