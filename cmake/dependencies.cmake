# Every library we use, each as a target. docs/dependencies.md says why we use it.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(SQLite3 REQUIRED)
# Headers only: Asio and Beast.
find_package(Boost 1.74 REQUIRED)

# Highway and xxHash: Debian ships pkg-config files for both and CMake packages for neither.
pkg_check_modules(hwy REQUIRED IMPORTED_TARGET libhwy)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
add_library(reformer_hwy INTERFACE)
target_link_libraries(reformer_hwy INTERFACE PkgConfig::hwy)
add_library(reformer_xxhash INTERFACE)
target_link_libraries(reformer_xxhash INTERFACE PkgConfig::xxhash)

if(REFORMER_TESTS)
  find_package(GTest REQUIRED)
  find_package(rapidcheck REQUIRED)
endif()
