// Included by the *_simd.cc files of this folder, and by them only, before Highway's headers: which
// instruction sets are compiled. Each of those files is compiled once per target and chooses at run
// time, so that one binary serves every CPU.
#pragma once

#include "hwy/detect_compiler_arch.h"

// Kept on x86-64: AVX-512 (AVX3), AVX2, SSE4 and the portable scalar code. On arm64: NEON. The rest
// costs build time and changes nothing for our kernels; SVE's vectors cannot be array elements.
#define HWY_DISABLED_TARGETS \
  (HWY_AVX3_DL | HWY_SSSE3 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
