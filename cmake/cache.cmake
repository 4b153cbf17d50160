# A second compilation of the same text is read from ccache where that is installed, also in another clone: paths count
# from the top of the source tree. Precompiled headers need the sloppiness: ours define nothing, and read no time.
if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(REFORMER_CCACHE ccache)
  mark_as_advanced(REFORMER_CCACHE)
  if(REFORMER_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER
        "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1
        CCACHE_SLOPPINESS=pch_defines,time_macros "${REFORMER_CCACHE}")
  endif()
endif()
