# Headers that are read once for all sources of a target, in sanitized builds only. These, and that for arm64, also compile
# sources in bunches (CMAKE_UNITY_BUILD, in CMakePresets.json): what many of them use of a header is then made once, and the build
# takes far less time. So names in unnamed namespaces differ from file to file. The other builds compile every
# file by itself, and one which lacks an include does not go unnoticed.
function(reformer_precompile_headers target)
  if(REFORMER_SANITIZE)
    target_precompile_headers(${target} PRIVATE ${ARGN})
    # Without times in it a precompiled header is the same each time, and what is compiled with it is found by ccache.
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endfunction()

# The headers of another target, which is compiled in the same way.
function(reformer_reuse_precompiled_headers target of)
  if(REFORMER_SANITIZE)
    target_precompile_headers(${target} REUSE_FROM ${of})
  endif()
endfunction()
