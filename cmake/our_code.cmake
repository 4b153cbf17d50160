# How our own code is compiled. Linked privately by our targets only: it says nothing about users' code.
add_library(reformer_own_code INTERFACE)
target_compile_features(reformer_own_code INTERFACE cxx_std_20)
target_compile_options(
  reformer_own_code
  INTERFACE
    -Wall
    -Wextra
    $<$<BOOL:${REFORMER_WERROR}>:-Werror>
    # GCC 12 sees overlapping copies in `"text" + string` that are not there (GCC bug 105651).
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
    # A compiler may fuse a*b+c or not, as it likes; results must not depend on that. SIMD kernels ask for FMA by name.
    -ffp-contract=off
    # Nobody reads errno after sqrt, and without it loops with a square root become vector code.
    -fno-math-errno
    # In position-independent code, calls of our own functions are inlined as elsewhere.
    -fno-semantic-interposition)

if(REFORMER_SANITIZE)
  target_compile_options(
    reformer_own_code INTERFACE -fsanitize=${REFORMER_SANITIZE} -fno-sanitize-recover=all
                                -fno-omit-frame-pointer)
  target_link_options(reformer_own_code INTERFACE -fsanitize=${REFORMER_SANITIZE})
endif()
# The library, and fuzzers, say which code they reach; others need not.
add_library(reformer_fuzzed_code INTERFACE)
if(REFORMER_FUZZ)
  target_compile_options(reformer_fuzzed_code INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Code that handles text and computes little. Sanitizers double what an optimiser works on, so that with them
# compiling it costs far more than running it.
add_library(reformer_text_code INTERFACE)
if(REFORMER_SANITIZE)
  target_compile_options(reformer_text_code INTERFACE -O0)
endif()
