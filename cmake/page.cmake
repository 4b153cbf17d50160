# Turns web/dist/report.html into C++: reformer::page_template(). The file is built from web/ and is kept in the
# repository, so that building the program takes no Node; a check builds it again and compares.
set(REFORMER_PAGE "${PROJECT_SOURCE_DIR}/web/dist/report.html")
set(REFORMER_PAGE_SOURCE "${PROJECT_BINARY_DIR}/page_template.cc")
add_custom_command(
  OUTPUT "${REFORMER_PAGE_SOURCE}"
  COMMAND "${CMAKE_COMMAND}" "-DPAGE=${REFORMER_PAGE}" "-DOUTPUT=${REFORMER_PAGE_SOURCE}" -P
          "${PROJECT_SOURCE_DIR}/cmake/write_page.cmake"
  DEPENDS "${REFORMER_PAGE}" "${PROJECT_SOURCE_DIR}/cmake/write_page.cmake"
  COMMENT "Embedding the report's page"
  VERBATIM)
