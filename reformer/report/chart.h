// Charts of a report for documents: SVG files that say what they show.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

namespace reformer {

// "table": Table 2 as heat maps, each measured one beside the paper's and the seed report's.
// "training": loss and accuracy over steps, one line for each run.
// "speed": time and memory of a step by length of the sequence, beside published times.
std::span<const std::string_view> chart_names();

// Of a report's document with curves as numbers. The same document gives the same bytes. Throws
// Error for an unknown name, and where the document has nothing to draw.
std::string chart_svg(const nlohmann::ordered_json& document, std::string_view name);

namespace internal {

std::string table_chart(const nlohmann::ordered_json& document);
std::string training_chart(const nlohmann::ordered_json& document);
std::string speed_chart(const nlohmann::ordered_json& document);

}  // namespace internal
}  // namespace reformer
