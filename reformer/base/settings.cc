#include "reformer/base/settings.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "reformer/base/error.h"
#include "reformer/base/json.h"

namespace reformer {
namespace {

// "an integer from 2 to 8", "a number of at least 0", "an integer".
std::string expectation(std::string_view kind, Range range) {
  if (std::isfinite(range.low) && std::isfinite(range.high)) {
    return fmt::format("{} from {} to {}", kind, range.low, range.high);
  }
  if (std::isfinite(range.low)) return fmt::format("{} of at least {}", kind, range.low);
  if (std::isfinite(range.high)) return fmt::format("{} of at most {}", kind, range.high);
  return std::string(kind);
}

[[noreturn]] void fail_expected(std::string_view where, std::string_view expected,
                                const nlohmann::json& found) {
  fail(where, "expected {}, found {}", expected, describe(found));
}

template <class Number>
bool parse_whole(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

// The text of a flag as the JSON value that the setting expects; a text that is no such value
// stays text, which the setting then refuses by its own message.
nlohmann::json value_of_text(const Setting& setting, std::string_view text) {
  if (setting.type == "integer") {
    if (int64_t value = 0; parse_whole(text, value)) return value;
    if (uint64_t value = 0; parse_whole(text, value)) return value;  // refused as too large
  } else if (setting.type == "number") {
    if (double value = 0; parse_whole(text, value)) return value;
  } else if (setting.type == "true|false") {
    if (text == "true" || text == "false") return text == "true";
  }
  return std::string(text);
}

}  // namespace

namespace internal {

int64_t integer_from_json(const nlohmann::json& value, Range range, std::string_view where) {
  constexpr uint64_t kMax = std::numeric_limits<int64_t>::max();
  const bool exact =
      value.is_number_integer() && !(value.is_number_unsigned() && value.get<uint64_t>() > kMax);
  if (exact) {
    // Long double, so that integers beyond 2^53 are not rounded into the range.
    const auto number = value.get<int64_t>();
    const auto wide = static_cast<long double>(number);
    if (wide >= range.low && wide <= range.high) return number;
  }
  const bool too_large = value.is_number_integer() && !exact;
  fail_expected(where, expectation("an integer", range) + (too_large ? " (below 2^63)" : ""),
                value);
}

double number_from_json(const nlohmann::json& value, Range range, std::string_view where) {
  if (value.is_number()) {
    const auto number = value.get<double>();
    if (std::isfinite(number) && number >= range.low && number <= range.high) return number;
  }
  fail_expected(where, expectation("a number", range), value);
}

bool bool_from_json(const nlohmann::json& value, std::string_view where) {
  if (!value.is_boolean()) fail_expected(where, "true or false", value);
  return value.get<bool>();
}

std::string text_from_json(const nlohmann::json& value, std::string_view where) {
  if (!value.is_string()) fail_expected(where, "text", value);
  auto text = value.get<std::string>();
  if (!is_utf8(text)) fail_expected(where, "text in UTF-8", value);
  return text;
}

size_t choice_from_json(const nlohmann::json& value, const std::vector<std::string>& choices,
                        std::string_view where) {
  if (value.is_string()) {
    const auto& word = value.get_ref<const std::string&>();
    const auto found = std::ranges::find(choices, word);
    if (found != choices.end()) return static_cast<size_t>(found - choices.begin());
    fail(where, "expected one of {}, found {}{}", join_choices(choices), quote_text(word),
         did_you_mean(word.substr(0, 64), choices));
  }
  fail_expected(where, "one of " + join_choices(choices), value);
}

std::string join_choices(const std::vector<std::string>& choices) {
  return fmt::format("{}", fmt::join(choices, "|"));
}

}  // namespace internal

const Setting& find_setting(const std::vector<Setting>& settings, const std::string& name,
                            std::string_view where) {
  const auto found = std::ranges::find(settings, name, &Setting::name);
  if (found != settings.end()) return *found;
  std::vector<std::string> names;
  for (const Setting& setting : settings) names.push_back(setting.name);
  // Cut, since the distance takes time in proportion to the length.
  const std::string near = did_you_mean(name.substr(0, 64), names);
  if (!near.empty()) fail(where, "unknown key {}{}", quote_text(name), near);
  fail(where, "unknown key {}; known are {}", quote_text(name), fmt::join(names, ", "));
}

nlohmann::ordered_json settings_to_json(const std::vector<Setting>& settings) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (const Setting& setting : settings) object[setting.name] = setting.get();
  return object;
}

void settings_from_json(const std::vector<Setting>& settings, const nlohmann::json& object,
                        std::string_view where) {
  if (!object.is_object()) fail_expected(where, "an object", object);
  const auto place = [where](const std::string& key) { return fmt::format("{}: {}", where, key); };
  for (const auto& [key, value] : object.items()) {
    find_setting(settings, key, where).check(value, place(key));
  }
  for (const auto& [key, value] : object.items()) {
    find_setting(settings, key, where).set(value, place(key));
  }
}

void check_settings(const std::vector<Setting>& settings, std::string_view where) {
  for (const Setting& setting : settings) {
    setting.check(setting.get(), fmt::format("{}: {}", where, setting.name));
  }
}

void set_from_text(const Setting& setting, std::string_view text, std::string_view where) {
  setting.set(value_of_text(setting, text), where);
}

}  // namespace reformer
