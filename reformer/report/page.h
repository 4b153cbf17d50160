// A report as one file that people open.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace reformer {

// The page of web/, as built into the program: HTML that holds its scripts and styles, and a
// policy that lets it load nothing.
std::string_view page_template();

// The page with a report's document (packed curves) in it. Whatever names and messages contain, it
// stays data: no byte of it can end the element that it lies in.
std::string report_html(const nlohmann::ordered_json& document);

}  // namespace reformer
