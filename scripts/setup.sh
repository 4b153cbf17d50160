#!/usr/bin/env bash
# Makes sure that what the project needs is installed; does nothing, quickly, when it is.
#   scripts/setup.sh build    compiler, build tools and libraries
#   scripts/setup.sh check    that, and the clang tools, Python, PyTorch and Node that ./check uses
#   scripts/setup.sh node     what scripts/build_page.sh builds the report's page with
#   scripts/setup.sh page     that, and what scripts/check_page.sh drives the page with
#   scripts/setup.sh peers    that of `build`, and what scripts/make_peer_goldens.sh runs other programs with
#   scripts/setup.sh bench    that of `build`, and what bench/peers/run and bench/products/run compare it with
#   scripts/setup.sh arm64    that of `build`, and what scripts/check_arm64.sh builds for arm64 with and runs that with
# On Debian and Ubuntu missing packages are installed by apt (as root or through sudo). Elsewhere, or without the
# right to install, it prints what to install and ends with code 2.
set -euo pipefail

libraries=(libfmt-dev nlohmann-json3-dev libcli11-dev libhwy-dev libxxhash-dev libsqlite3-dev
  libgtest-dev libgmock-dev librapidcheck-dev)
build_packages=(g++ cmake ninja-build pkg-config ccache "${libraries[@]}")
check_packages=(clang-19 clang-format-19 libclang-rt-19-dev
  python3-dev python3-venv python3-torch)
node_packages=()

# Boost's headers, in whatever version is there: packages of several versions exclude each other. Debian 12 has two.
if grep -qs '^VERSION_CODENAME=bookworm' /etc/os-release; then boost=libboost1.81-dev; else boost=libboost-dev; fi
if [[ ! -e /usr/include/boost/beast/version.hpp ]]; then build_packages+=("$boost"); fi

# Node may be there from elsewhere than Debian, with an npm in it that Debian's package would collide with.
command -v node >/dev/null || node_packages+=(nodejs)
command -v npm >/dev/null || node_packages+=(npm)

# What other systems call the same things. Only names; RapidCheck may have to be built from its sources.
homebrew_build="cmake ninja pkgconf ccache fmt nlohmann-json cli11 highway xxhash sqlite boost googletest"
homebrew_check="llvm@19 python node chromium"
fedora_build="gcc-c++ cmake ninja-build pkgconf-pkg-config ccache fmt-devel json-devel cli11-devel \
highway-devel xxhash-devel sqlite-devel boost-devel gtest-devel gmock-devel rapidcheck-devel"
fedora_check="clang clang-tools-extra compiler-rt python3-devel nodejs chromium"

purpose=${1:-build}
case "$purpose" in
  build) packages=("${build_packages[@]}") ;;
  check) packages=("${build_packages[@]}" "${check_packages[@]}" "${node_packages[@]}") ;;
  node) packages=("${node_packages[@]}") ;;
  page) packages=("${node_packages[@]}" chromium) ;;
  peers) packages=("${build_packages[@]}" python3-dev python3-venv) ;;
  bench) packages=("${build_packages[@]}" python3-dev python3-venv libxsmm-dev libdnnl-dev) ;;
  arm64) packages=("${build_packages[@]}" python3 g++-aarch64-linux-gnu qemu-user) ;;
  *)
    echo "[setup] expected 'build', 'check', 'node', 'page', 'peers', 'bench' or 'arm64', found '$purpose'" >&2
    exit 2
    ;;
esac

# The packages among "$@" that dpkg does not know as installed.
not_installed() {
  local package status
  for package in "$@"; do
    status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [[ $status == installed* ]] || echo "$package"
  done
}

install_by_apt() {
  local missing as_root=()
  mapfile -t missing < <(not_installed "${packages[@]}")
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      echo "[setup] missing packages, and neither root nor sudo to install them; as root run:" >&2
      echo "  apt-get install ${missing[*]}" >&2
      exit 2
    fi
    as_root=(sudo)
  fi
  echo "[setup] installing ${missing[*]}"
  local install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive
    apt-get install -y -q --no-install-recommends "${missing[@]}")
  # The package lists of a fresh machine are empty or old: refresh them only when the first try fails.
  if ! "${install[@]}" >/dev/null 2>&1; then
    "${as_root[@]}" apt-get update -q
    if ! "${install[@]}"; then
      echo "[setup] apt could not install ${missing[*]}; Debian 12 has all of these packages" >&2
      exit 2
    fi
  fi
}

# Unpacks the arm64 packages of our libraries, and of what they need, into build/arm64-root. Not as packages of a second
# architecture of this system: those must have the versions of its own, so that adding one may upgrade or remove others.
# apt finds and verifies them as always, from the system's sources, but its lists and its records are in build/arm64-apt.
make_arm64_root() {
  local build root apt wanted=("${libraries[@]}" "$boost" libc6-dev) package
  build=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/build
  root=$build/arm64-root apt=$build/arm64-apt
  # Written last: what was interrupted is made anew.
  if [[ $(cat "$root/packages.txt" 2>/dev/null) == "${wanted[*]}" ]]; then return 0; fi
  echo "[setup] unpacking arm64 libraries into $root"
  rm -rf "$root" "$apt"
  mkdir -p "$root/usr/lib" "$apt/state/lists/partial" "$apt/cache/archives/partial"
  ln -s usr/lib "$root/lib"
  : >"$apt/status"
  cat >"$apt/apt.conf" <<END
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
Acquire::Languages "none";
Dir::State "$apt/state";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
END
  # A source that has nothing for arm64 does no harm if the others have what is wanted.
  APT_CONFIG=$apt/apt.conf apt-get update -q >"$apt/log.txt" 2>&1 || true
  if ! APT_CONFIG=$apt/apt.conf apt-get install -y -q --download-only --no-install-recommends "${wanted[@]}" >>"$apt/log.txt" 2>&1; then
    cat "$apt/log.txt" >&2
    echo "[setup] expected arm64 packages in the sources of apt, found not all of ${wanted[*]}; try those of Debian" >&2
    exit 2
  fi
  # Some packages have their libraries in /lib and others in /usr/lib, which are one folder on Debian.
  for package in "$apt"/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C "$root"
  done
  rm -rf "$apt"
  echo "${wanted[*]}" >"$root/packages.txt"
}

# True when a C++ header can be included; for libraries that come without a pkg-config file.
has_header() {
  echo "#include <$1>" | "${CXX:-c++}" -x c++ -std=c++20 -fsyntax-only - 2>/dev/null
}

has_command() {
  local name
  for name in "$@"; do
    if command -v "$name" >/dev/null; then return 0; fi
  done
  return 1
}

explain_elsewhere() {
  local missing=() module
  if [[ $purpose == arm64 ]]; then
    echo "[setup] expected apt, which brings the arm64 libraries, found none; try Debian" >&2
    exit 2
  fi
  has_command "${CXX:-c++}" || missing+=("a C++20 compiler")
  has_command cmake || missing+=("cmake (3.25 or newer)")
  has_command ninja || missing+=(ninja)
  if has_command pkg-config; then
    for module in fmt nlohmann_json CLI11 libhwy libxxhash sqlite3 gtest gmock; do
      pkg-config --exists "$module" || missing+=("$module")
    done
  else
    missing+=("pkg-config, and perhaps the libraries it looks for")
  fi
  has_header boost/beast/version.hpp || missing+=("the headers of boost")
  has_header rapidcheck.h || missing+=("rapidcheck")
  if [[ $purpose == node || $purpose == page || $purpose == check ]]; then
    has_command node || missing+=("node (18 or newer) with npm")
  fi
  if [[ $purpose == page ]]; then
    has_command chromium google-chrome || missing+=(chromium)
  fi
  if [[ $purpose == check ]]; then
    has_command python3 || missing+=("python3 with venv and headers")
    has_command clang++-19 clang++ || missing+=("clang++")
    has_command clang-format-19 clang-format || missing+=("clang-format")
  fi
  ((${#missing[@]})) || return 0
  {
    echo "[setup] this system has no apt; please install what is missing and run the command again."
    printf '  missing: %s\n' "${missing[@]}"
    local homebrew=$homebrew_build fedora=$fedora_build
    if [[ $purpose == check ]]; then
      homebrew+=" $homebrew_check"
      fedora+=" $fedora_check"
    fi
    echo "  Homebrew: brew install $homebrew"
    echo "            RapidCheck is not in Homebrew: build it from its sources (emil-e/rapidcheck)"
    echo "  Fedora:   dnf install $fedora"
  } >&2
  exit 2
}

if has_command dpkg-query && has_command apt-get; then
  install_by_apt
  if [[ $purpose == arm64 ]]; then make_arm64_root; fi
else
  explain_elsewhere
fi
