# `cmake --install`: headers, static and shared library, CMake package, pkg-config file, program. docs/api.md.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# The public surface, and nothing else: a public header includes public ones only.
file(STRINGS "${PROJECT_SOURCE_DIR}/cmake/public_headers.txt" headers)
foreach(header IN LISTS headers)
  file(STRINGS "${PROJECT_SOURCE_DIR}/${header}" includes REGEX "^#include \"reformer/")
  foreach(line IN LISTS includes)
    string(REGEX REPLACE "^#include \"(.*)\".*$" "\\1" included "${line}")
    if(NOT included IN_LIST headers)
      message(FATAL_ERROR "${header}: expected includes of public headers only, found ${included}; try a "
                          "forward declaration, or add it to cmake/public_headers.txt and docs/api.md")
    endif()
  endforeach()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${header}")
  cmake_path(GET header PARENT_PATH folder)
  install(FILES "${PROJECT_SOURCE_DIR}/${header}" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/${folder}"
          COMPONENT development)
endforeach()

# The same objects again: they are position independent, and nothing is compiled twice.
add_library(reformer_shared SHARED $<TARGET_OBJECTS:reformer> $<TARGET_OBJECTS:reformer_text>)
set_target_properties(
  reformer_shared
  PROPERTIES OUTPUT_NAME reformer
             LINKER_LANGUAGE CXX
             VERSION ${PROJECT_VERSION}
             # Below 1.0 the binary interface may change with each minor version.
             SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
target_compile_features(reformer_shared INTERFACE cxx_std_20)
target_link_libraries(
  reformer_shared
  PUBLIC fmt::fmt nlohmann_json::nlohmann_json Threads::Threads
  PRIVATE "$<BUILD_INTERFACE:reformer_own_code>" PkgConfig::hwy PkgConfig::xxhash SQLite::SQLite3)
set(target_of_static reformer)
set(target_of_shared reformer_shared)

# One file of targets for each kind, so that nobody needs the libraries inside the other.
set(package "${CMAKE_INSTALL_LIBDIR}/cmake/reformer")
foreach(kind IN ITEMS static shared)
  set_target_properties(${target_of_${kind}} PROPERTIES EXPORT_NAME ${kind})
  target_include_directories(${target_of_${kind}}
                             INTERFACE "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  install(TARGETS ${target_of_${kind}} EXPORT reformer_${kind}
          ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development
          LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT runtime
          NAMELINK_COMPONENT development)
  install(EXPORT reformer_${kind} NAMESPACE reformer:: DESTINATION "${package}"
          FILE reformer-${kind}.cmake COMPONENT development)
endforeach()

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/reformer-config.cmake.in" "${PROJECT_BINARY_DIR}/reformer-config.cmake"
  INSTALL_DESTINATION "${package}")
# Below 1.0 the interface may change with each minor version.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/reformer-config-version.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/reformer-config.cmake"
              "${PROJECT_BINARY_DIR}/reformer-config-version.cmake"
        DESTINATION "${package}" COMPONENT development)

file(RELATIVE_PATH pc_to_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
list(JOIN hwy_STATIC_LDFLAGS " " pc_hwy)
list(JOIN xxhash_STATIC_LDFLAGS " " pc_xxhash)
set(pc_private_libs "${pc_hwy} ${pc_xxhash} -lsqlite3 -pthread")
configure_file("${PROJECT_SOURCE_DIR}/cmake/reformer.pc.in" "${PROJECT_BINARY_DIR}/reformer.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/reformer.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig"
        COMPONENT development)

install(TARGETS reformer_cli RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT runtime)
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT runtime)
