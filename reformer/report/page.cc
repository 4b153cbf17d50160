#include "reformer/report/page.h"

#include "reformer/base/error.h"

namespace reformer {
namespace {

constexpr std::string_view kPlaceholder = "{\"placeholder\":\"report\"}";

// JSON in which no "</script", "<!--" or line separator occurs, and only ASCII.
std::string embeddable(const nlohmann::ordered_json& document) {
  const auto replace = nlohmann::ordered_json::error_handler_t::replace;
  const std::string json = document.dump(-1, ' ', true, replace);
  std::string out;
  out.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      out += "\\u003c";
    } else if (c == '>') {
      out += "\\u003e";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string report_html(const nlohmann::ordered_json& document) {
  const std::string_view page = page_template();
  const size_t at = page.find(kPlaceholder);
  REFORMER_CHECK(at != std::string_view::npos);
  REFORMER_CHECK(page.find(kPlaceholder, at + 1) == std::string_view::npos);
  std::string out(page.substr(0, at));
  out += embeddable(document);
  return out += page.substr(at + kPlaceholder.size());
}

}  // namespace reformer
