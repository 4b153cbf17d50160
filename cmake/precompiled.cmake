# Headers that are read once for all sources of a target, in sanitized builds only, where half of the time went to
# reading them. The others compile every file by itself, so that one which lacks an include does not go unnoticed.
function(reformer_precompile_headers target)
  if(REFORMER_SANITIZE)
    target_precompile_headers(${target} PRIVATE ${ARGN})
    # Without times in it a precompiled header is the same each time, and what is compiled with it is found by ccache.
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endfunction()
