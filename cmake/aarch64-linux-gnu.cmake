# Compiles for arm64 on another machine, with Debian's cross compiler, and lets QEMU run what was compiled. The libraries are
# those that `scripts/setup.sh arm64` unpacks into a root of their own.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)

cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH top)
set(CMAKE_SYSROOT "${top}/build/arm64-root")
if(NOT EXISTS "${CMAKE_SYSROOT}/packages.txt")
  message(FATAL_ERROR "[arm64] expected libraries for arm64 in ${CMAKE_SYSROOT}, found none; try scripts/setup.sh arm64")
endif()
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L "${CMAKE_SYSROOT}")

# Programs are this machine's, headers and libraries the other's; pkg-config is told so by its environment.
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} "${CMAKE_SYSROOT}")
set(ENV{PKG_CONFIG_LIBDIR}
    "${CMAKE_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${CMAKE_SYSROOT}/usr/share/pkgconfig")
