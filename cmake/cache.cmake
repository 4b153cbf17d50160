# A second compilation of the same text is read from ccache where that is installed.
if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(REFORMER_CCACHE ccache)
  mark_as_advanced(REFORMER_CCACHE)
  if(REFORMER_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${REFORMER_CCACHE}")
  endif()
endif()
