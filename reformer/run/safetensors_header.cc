#include "reformer/run/safetensors_header.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reformer/base/error.h"
#include "reformer/base/json.h"
#include "reformer/run/safetensors.h"

namespace reformer::internal {
namespace {

constexpr std::string_view kMetadataKey = "__metadata__";

// Takes the parser's events. Each event is allowed in few places, so nesting cannot grow.
class HeaderReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  HeaderReader(std::string_view text, std::string_view where) : text_(text), where_(where) {}

  Header take() { return std::move(header_); }

  bool start_object(size_t) override {
    if (place_ == Place::document) {
      place_ = Place::table;
    } else if (place_ == Place::table && key_ == kMetadataKey) {
      place_ = Place::metadata;
      if (std::exchange(has_metadata_, true)) repeated(key_);
    } else if (place_ == Place::table) {
      place_ = Place::entry;
      seen_.clear();
      if (header_.entries.size() == kMaxTensors) {
        fail(where_, "expected at most {} tensors, found more", kMaxTensors);
      }
      header_.entries.emplace_back().name = key_;
    } else {
      unexpected("an object");
    }
    return true;
  }

  bool end_object() override {
    if (place_ == Place::entry && seen_.size() != 3) {
      fail(where_, "tensor {}: expected dtype, shape and data_offsets, found only {}",
           quote_text(header_.entries.back().name), fmt::join(seen_, ", "));
    }
    place_ = Place::table;
    return true;
  }

  bool key(std::string& name) override {
    if (place_ == Place::entry) {
      if (name != "dtype" && name != "shape" && name != "data_offsets") {
        fail(where_, "tensor {}: unknown key {}", quote_text(header_.entries.back().name),
             quote_text(name));
      }
      if (std::ranges::count(seen_, name) != 0) repeated(name);
      seen_.push_back(name);
    }
    key_ = std::move(name);
    return true;
  }

  bool start_array(size_t) override {
    if (place_ == Place::entry && key_ == "shape") {
      place_ = Place::shape;
    } else if (place_ == Place::entry && key_ == "data_offsets") {
      place_ = Place::offsets;
      offsets_ = 0;
    } else {
      unexpected("a list");
    }
    return true;
  }

  bool end_array() override {
    if (place_ == Place::offsets && offsets_ != 2) unexpected("a list of another length");
    place_ = Place::entry;
    return true;
  }

  bool string(std::string& value) override {
    if (place_ == Place::metadata) {
      if (header_.metadata.size() == kMaxMetadata) {
        fail(where_, "expected at most {} metadata entries, found more", kMaxMetadata);
      }
      if (!header_.metadata.emplace(key_, std::move(value)).second) repeated(key_);
    } else if (place_ == Place::entry && key_ == "dtype") {
      header_.entries.back().dtype = std::move(value);
    } else {
      unexpected("text");
    }
    return true;
  }

  bool number_unsigned(uint64_t value) override {
    if (place_ != Place::shape && place_ != Place::offsets) unexpected("a number");
    if (value > uint64_t{kMaxTensorSize}) unexpected(fmt::format("{}", value));
    HeaderEntry& entry = header_.entries.back();
    const auto number = static_cast<int64_t>(value);
    if (place_ == Place::shape) {
      if (entry.shape.size() == kMaxRank) unexpected("more dimensions");
      entry.shape.push_back(number);
    } else {
      if (offsets_ == 2) unexpected("a list of another length");
      (offsets_++ == 0 ? entry.begin : entry.end) = number;
    }
    return true;
  }

  bool number_integer(int64_t value) override { unexpected(fmt::format("{}", value)); }
  bool number_float(double, const std::string& text) override { unexpected(quote_text(text)); }
  bool boolean(bool value) override { unexpected(value ? "true" : "false"); }
  bool null() override { unexpected("null"); }
  bool binary(nlohmann::json::binary_t&) override { unexpected("binary"); }
  bool parse_error(size_t position, const std::string&,
                   const nlohmann::json::exception& error) override {
    fail(where_, "expected a table in JSON, found an error at {}",
         json_error_text(text_, position, error));
  }

 private:
  enum class Place { document, table, metadata, entry, shape, offsets };

  [[noreturn]] void unexpected(std::string_view found) const {
    constexpr auto kInteger = "integers from 0 to 2^48 - 1";
    const std::string key = quote_text(key_);
    switch (place_) {
      case Place::document:
        fail(where_, "expected a table in JSON, found {}", found);
      case Place::table:
        fail(where_, "key {}: expected an object, found {}", key, found);
      case Place::metadata:
        fail(where_, "metadata {}: expected text, found {}", key, found);
      default:
        break;
    }
    const std::string name = quote_text(header_.entries.back().name);
    if (key_ == "dtype") fail(where_, "tensor {}: dtype: expected text, found {}", name, found);
    fail(where_, "tensor {}: {}: expected a list of {} {}, found {}", name, key_,
         key_ == "shape" ? fmt::format("at most {}", kMaxRank) : "2", kInteger, found);
  }

  [[noreturn]] void repeated(std::string_view key) const {
    fail(where_, "expected every key once, found {} twice", quote_text(key));
  }

  std::string_view text_;
  std::string_view where_;
  Header header_;
  Place place_ = Place::document;
  std::string key_;                // the last one read
  std::vector<std::string> seen_;  // keys of the current entry
  int offsets_ = 0;                // how many were read
  bool has_metadata_ = false;
};

void refuse_repeated_names(const std::vector<HeaderEntry>& entries, std::string_view where) {
  std::vector<std::string_view> names;
  for (const HeaderEntry& entry : entries) names.push_back(entry.name);
  std::ranges::sort(names);
  const auto twin = std::ranges::adjacent_find(names);
  if (twin != names.end()) {
    fail(where, "expected every key once, found {} twice", quote_text(*twin));
  }
}

std::string json_text(const std::string& text) {
  REFORMER_CHECK(is_utf8(text));
  return nlohmann::json(text).dump();
}

}  // namespace

Header parse_header(std::string_view text, std::string_view where) {
  // The format lets nothing but the table begin a file. The parser would take a byte 0 for the end
  // of the text and ignore what follows.
  if (text.empty() || text.front() != '{') {
    fail(where, "expected a table that starts with '{{', found {}; this is no safetensors file",
         text.empty() ? "no table" : quote_text(text.substr(0, 1)));
  }
  if (const size_t zero = text.find('\0'); zero != std::string_view::npos) {
    fail(where, "expected a table in JSON, found a byte 0 at offset {}", zero + 8);
  }
  HeaderReader reader(text, where);
  nlohmann::json::sax_parse(text, &reader);
  Header header = reader.take();
  refuse_repeated_names(header.entries, where);
  return header;
}

std::string header_text(const Header& header) {
  std::string text = "{";
  const auto separate = [&text] { text += text.back() == '{' ? "" : ","; };
  if (!header.metadata.empty()) {
    text += json_text(std::string(kMetadataKey)) + ":{";
    for (const auto& [key, value] : header.metadata) {
      separate();
      text += json_text(key) + ":" + json_text(value);
    }
    text += "}";
  }
  for (const HeaderEntry& entry : header.entries) {
    separate();
    text += fmt::format(R"({}:{{"dtype":{},"shape":[{}],"data_offsets":[{},{}]}})",
                        json_text(entry.name), json_text(entry.dtype), fmt::join(entry.shape, ","),
                        entry.begin, entry.end);
  }
  text += "}";
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return text;
}

}  // namespace reformer::internal
