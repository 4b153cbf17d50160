// JSON as one line of text, for streams and columns.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace reformer {

// What is not UTF-8 in the document is replaced.
std::string json_line(const nlohmann::ordered_json& document);

}  // namespace reformer
