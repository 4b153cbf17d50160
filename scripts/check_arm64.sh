#!/usr/bin/env bash
# Builds the library, the program and the tests of the rooms that compute for arm64, and runs them under QEMU's emulation of
# such a CPU, also on other machines. A small training there must give what PROGRAM gives here, within rounding.
#   scripts/check_arm64.sh PROGRAM    this machine's program, for example build/release/reformer
set -euo pipefail
program=$(realpath "${1:?expected the program of this machine}")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/setup.sh arm64

# What computes, and what keeps its results in files.
rooms=(base math attention model task train run)
jobs=$(getconf _NPROCESSORS_ONLN)
mkdir -p build/arm64
cmake --preset arm64 >build/arm64/configure.txt 2>&1 || { cat build/arm64/configure.txt; exit 1; }
cmake --build --preset arm64 --parallel "$jobs" --target reformer_cli "${rooms[@]/#/test_}"

selection=$(IFS='|'; echo "^(${rooms[*]})\\.")
ctest --preset arm64 --parallel "$jobs" --tests-regex "$selection"
# Kernels choose their instruction set at run time, and their tests run for those that there are: NEON must be one.
neon=$(ctest --preset arm64 -N --tests-regex '^math\..*/NEON$' | tail -1)
if [[ $neon != 'Total Tests: '[1-9]* ]]; then
  echo "[arm64] expected tests of kernels on NEON, found: $neon" >&2
  exit 1
fi

# The same where there is no AES, as on a Raspberry Pi 4: QEMU's CPUs all have it, so the program is told otherwise.
cat >build/arm64/no_aes.cc <<'END'
extern "C" unsigned long __getauxval(unsigned long type);
extern "C" unsigned long getauxval(unsigned long type) {
  const unsigned long value = __getauxval(type);
  return type == 16 ? value & ~8UL : value;  // AT_HWCAP, HWCAP_AES
}
END
aarch64-linux-gnu-g++ -shared -fPIC build/arm64/no_aes.cc -o build/arm64/no_aes.so
qemu-aarch64 -L build/arm64-root -E LD_PRELOAD="$PWD/build/arm64/no_aes.so" build/arm64/tests/test_math \
  --gtest_brief=1 --gtest_filter='Target.*:Targets/Gemm*'

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
emulated=(qemu-aarch64 -L build/arm64-root build/arm64/reformer)
"${emulated[@]}" --version
for attention in full lsh; do
  train=(train --preset smoke --attention "$attention" --quiet)
  "$program" "${train[@]}" --run "$scratch/here-$attention"
  "${emulated[@]}" "${train[@]}" --run "$scratch/arm64-$attention"
  # Each evaluates the model of the other machine.
  "$program" eval "$scratch/arm64-$attention" --json >"$scratch/here-$attention/eval.json"
  "${emulated[@]}" eval "$scratch/here-$attention" --json >"$scratch/arm64-$attention/eval.json"
  python3 scripts/check_arm64.py "$scratch/here-$attention" "$scratch/arm64-$attention"
done
