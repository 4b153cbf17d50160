// Settings of the model that files of older programs lack.
#pragma once

#include <string_view>

namespace reformer {

// Their defaults do what the program did before it had them, so files without them can be read.
inline constexpr std::string_view kLaterModelSettings[] = {
    "bucket_factor", "residual",  "stream_merge", "attention_bias",
    "axial_merge",   "sinusoids", "copy_gain",    "output_init"};

}  // namespace reformer
