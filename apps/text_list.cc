#include "apps/text_list.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "reformer/base/error.h"
#include "reformer/base/json.h"

namespace reformer::apps {

std::vector<std::string> split_list(std::string_view flag, std::string_view text) {
  std::vector<std::string> parts;
  const std::string_view all = text;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    const std::string part(text.substr(0, comma));
    const bool ends_in_comma = comma != std::string_view::npos && comma + 1 == text.size();
    if (part.empty() || ends_in_comma || std::ranges::find(parts, part) != parts.end()) {
      fail(flag, "expected different names between single commas, found {}", quote_text(all));
    }
    parts.push_back(part);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return parts;
}

std::vector<std::string> split_list(std::string_view flag, const std::vector<std::string>& texts) {
  return split_list(flag, fmt::format("{}", fmt::join(texts, ",")));
}

CLI::Option* repeatable(CLI::Option* option) {
  return option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->allow_extra_args(false);
}

std::vector<int64_t> split_integers(std::string_view flag, std::string_view text, int64_t low,
                                    int64_t high) {
  std::vector<int64_t> values;
  for (const std::string& part : split_list(flag, text)) {
    int64_t value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error != std::errc() || end != part.data() + part.size() || value < low || value > high) {
      fail(flag, "expected integers from {} to {}, found {}", low, high, quote_text(part));
    }
    values.push_back(value);
  }
  return values;
}

}  // namespace reformer::apps
