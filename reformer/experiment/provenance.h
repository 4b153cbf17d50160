// What a study's files say about where they come from.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace reformer {

// {"version", "commit", "machine": {"cpu", "simd"}}
nlohmann::ordered_json provenance_json();

// "Version 0.1.0, commit 0123456789ab, AMD EPYC (AVX2)"
std::string provenance_text();

}  // namespace reformer
