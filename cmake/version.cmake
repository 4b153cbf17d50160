# version.cc holds version and commit. A script writes it before each build, but only when its text changes,
# so a new commit recompiles one file.
set(REFORMER_VERSION_SOURCE "${PROJECT_BINARY_DIR}/generated/version.cc")
set(write_version
    "${CMAKE_COMMAND}" "-DSOURCE_DIR=${PROJECT_SOURCE_DIR}" "-DVERSION=${PROJECT_VERSION}"
    "-DOUTPUT=${REFORMER_VERSION_SOURCE}" -P "${PROJECT_SOURCE_DIR}/cmake/write_version.cmake")
add_custom_target(
  reformer_version
  COMMAND ${write_version}
  BYPRODUCTS "${REFORMER_VERSION_SOURCE}"
  COMMENT "Reading the commit"
  VERBATIM)
