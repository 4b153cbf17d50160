#!/usr/bin/env bash
# Installs a build into BUILD/package/ and lets projects outside use it: examples/ with find_package, static and shared, and
# with pkg-config. Each is built and run.
#   scripts/check_package.sh BUILD    a build directory, for example build/release
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=${1:?expected a build directory}

# At the same place each time, where ccache knows what it compiled before.
scratch=$(realpath "$build")/package
rm -rf "$scratch"
mkdir "$scratch"
prefix=$scratch/installed
launcher=$(command -v ccache || true)
compile() { ${launcher:+"$launcher"} c++ -std=c++20 "$@"; }
cmake --install "$build" --prefix "$prefix" >"$scratch/install.txt"

expect() { # expect WHAT COMMAND...: the command succeeds, or its output is shown
  local what=$1
  shift
  if ! "$@" >"$scratch/output.txt" 2>&1; then
    cat "$scratch/output.txt"
    echo "[package] expected $what, but it failed: $*" >&2
    exit 1
  fi
}

# The headers promised in docs/api.md are those of the list, and those that are installed.
diff <(sort cmake/public_headers.txt) <(grep -oE '^\| `reformer/[a-z_]+/[a-z_]+\.h`' docs/api.md | tr -d '|` ' | sort) || {
  echo "[package] expected docs/api.md to name the headers of cmake/public_headers.txt" >&2
  exit 1
}
diff <(sort cmake/public_headers.txt) <(cd "$prefix/include" && find reformer -type f | sort) || {
  echo "[package] expected the headers of cmake/public_headers.txt to be installed, and no others" >&2
  exit 1
}
sed 's/.*/#include <&>/' cmake/public_headers.txt >"$scratch/all.cc"
cat >>"$scratch/all.cc" <<'END'
int main(int argc, char**) {
  if (argc > 1) reformer::fail("all", "expected {} arguments, found {}", 0, argc - 1);
  return reformer::version()[0] == 0;
}
END

run_examples() { # run_examples DIRECTORY
  local from=$1
  expect 'examples/attention to run' "$from/attention"
  grep -q 'sum to 32768.00' "$scratch/output.txt" || { cat "$scratch/output.txt"; exit 1; }
  expect 'examples/train to run' "$from/train" "$scratch/run"
  expect 'examples/generate to run' "$from/generate" "$scratch/run"
  cp "$scratch/output.txt" "$from/generated.txt"
}

for kind in static shared; do
  shared=$([[ $kind == shared ]] && echo ON || echo OFF)
  expect "find_package($kind)" cmake -S examples -B "$scratch/$kind" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" \
    -DBUILD_SHARED_LIBS="$shared" -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher"
  expect "the examples to be built ($kind)" cmake --build "$scratch/$kind"
  links=$(readelf -d "$scratch/$kind/train" | grep -c 'libreformer\.so' || true)
  [[ $links == $([[ $kind == shared ]] && echo 1 || echo 0) ]] || {
    echo "[package] expected the $kind library, found $links shared ones" >&2
    exit 1
  }
  run_examples "$scratch/$kind"
  echo "find_package, $kind: three examples built and run"
done

PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name reformer.pc)")
export PKG_CONFIG_PATH
# The shared library brings along what its users' code does not call: of that no pkg-config file is asked for.
mkdir "$scratch/headers-only"
cp "$(pkg-config --variable=pcfiledir fmt)/fmt.pc" "$(pkg-config --variable=pcfiledir nlohmann_json)/nlohmann_json.pc" \
  "$scratch/headers-only"
expect 'pkg-config to need no more than what headers include' \
  env PKG_CONFIG_LIBDIR="$scratch/headers-only" pkg-config --cflags --libs reformer
read -ra cflags <<<"$(pkg-config --cflags reformer)"
read -ra libs <<<"$(pkg-config --libs reformer)"
read -ra static_libs <<<"$(pkg-config --static --libs reformer)"
libs+=("-Wl,-rpath,$(pkg-config --variable=libdir reformer)")
mkdir "$scratch/pkg-config"
# build NAME SOURCE FLAGS...
build() {
  expect "$2 to be compiled" compile "${@:3}" "${cflags[@]}" -c "$2" -o "$scratch/pkg-config/$1.o"
  expect "$1 to be linked" compile "$scratch/pkg-config/$1.o" "${libs[@]}" -o "$scratch/pkg-config/$1"
}
for example in attention train generate; do
  build "$example" "examples/$example.cc"
done
run_examples "$scratch/pkg-config"
build all "$scratch/all.cc" -Wall -Wextra -Werror
expect 'a program with all public headers to run' "$scratch/pkg-config/all"
# With every part of the static library in it, so that all that these need is asked for.
expect 'it to be linked by pkg-config --static' compile "$scratch/pkg-config/all.o" \
  "${static_libs[@]/#-lreformer/-Wl,--whole-archive,-l:libreformer.a,--no-whole-archive}" \
  -o "$scratch/pkg-config/all-static"
expect 'it to run then' "$scratch/pkg-config/all-static"
echo "pkg-config: three examples built and run, and a program with all public headers"

# The same model, whichever library trained it.
cmp "$scratch/static/generated.txt" "$scratch/shared/generated.txt"
cmp "$scratch/static/generated.txt" "$scratch/pkg-config/generated.txt"
expect 'the installed program' "$prefix/bin/reformer" --version
