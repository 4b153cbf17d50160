#include "reformer/serve/picture_request.h"

#include <charconv>

#include "reformer/serve/gate.h"

namespace reformer {
namespace {

constexpr size_t kMostDigits = 9;

// Digits only.
std::optional<int64_t> number_in(std::string_view query, std::string_view key) {
  const auto text = query_value(query, key);
  if (!text || text->empty() || text->size() > kMostDigits) return std::nullopt;
  if (text->find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  int64_t number = 0;
  std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned byte = 0;
    if (i + 2 >= text.size()) return std::nullopt;
    const char* digits = text.data() + i + 1;
    const auto [end, error] = std::from_chars(digits, digits + 2, byte, 16);
    if (error != std::errc() || end != digits + 2 || byte == 0) return std::nullopt;
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

std::optional<PictureRequest> picture_request(std::string_view query) {
  const auto run = percent_decoded(query_value(query, "run").value_or(""));
  const auto sequence = number_in(query, "sequence");
  const auto layer = number_in(query, "layer");
  const auto head = number_in(query, "head");
  if (!run || run->empty() || !sequence || !layer || !head) return std::nullopt;
  return PictureRequest{*run, {*sequence, *layer, *head}};
}

}  // namespace reformer
