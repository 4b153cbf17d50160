// Reading JSON strictly, and showing untrusted text in messages.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace reformer {

// The value that `text` holds. Stricter than RFC 8259 asks: a key that occurs twice in one object,
// a number beyond double, a byte 0 and nesting deeper than kMaxJsonDepth throw Error as well as
// malformed text does; the message names line and column.
nlohmann::json parse_json(std::string_view text, std::string_view where);
inline constexpr int kMaxJsonDepth = 64;

// What a parser's exception says about text[0, position), without what it quotes from the text.
std::string json_error_text(std::string_view text, size_t position,
                            const nlohmann::json::exception& error);

bool is_utf8(const std::string& text);

// The number, or null where it is not finite: JSON has no other numbers.
nlohmann::ordered_json finite_or_null(double value);

// `text` in double quotes for a message: ASCII only, control characters escaped, long text cut. A
// file cannot send escape sequences to a terminal that way.
std::string quote_text(std::string_view text);

// A value for a message: "3.5", "\"text\"", "a list", "an object".
std::string describe(const nlohmann::json& value);

}  // namespace reformer
