#include "reformer/base/json.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "reformer/base/error.h"

namespace reformer {
namespace {

std::string line_and_column(std::string_view text, size_t position) {
  const std::string_view before = text.substr(0, std::min(position, text.size()));
  const size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return fmt::format("line {}, column {}", std::count(before.begin(), before.end(), '\n') + 1,
                     std::max<size_t>(1, before.size() - line_start));
}

// nlohmann's document builder, which also keeps the keys of every open object.
class StrictBuilder : public nlohmann::detail::json_sax_dom_parser<nlohmann::json> {
  using Base = nlohmann::detail::json_sax_dom_parser<nlohmann::json>;

 public:
  StrictBuilder(nlohmann::json& out, std::string_view text, std::string_view where)
      : Base(out, false), text_(text), where_(where) {}

  bool start_object(size_t elements) {
    open();
    return Base::start_object(elements);
  }
  bool start_array(size_t elements) {
    open();
    return Base::start_array(elements);
  }
  bool end_object() {
    keys_.pop_back();
    return Base::end_object();
  }
  bool end_array() {
    keys_.pop_back();
    return Base::end_array();
  }
  bool key(std::string& name) {
    if (!keys_.back().insert(name).second) {
      fail(where_, "expected every key once, found {} twice in one object", quote_text(name));
    }
    return Base::key(name);
  }
  template <class Exception>
  bool parse_error(size_t position, const std::string& /*token*/, const Exception& error) {
    fail(where_, "expected JSON, found an error at {}", json_error_text(text_, position, error));
  }

 private:
  void open() {
    if (keys_.size() >= size_t{kMaxJsonDepth}) {
      fail(where_, "expected at most {} nested levels of JSON, found more", kMaxJsonDepth);
    }
    keys_.emplace_back();
  }

  std::string_view text_;
  std::string_view where_;
  std::vector<std::set<std::string>> keys_;
};

}  // namespace

nlohmann::json parse_json(std::string_view text, std::string_view where) {
  // The parser would take a byte 0 for the end of the text and ignore what follows it.
  if (const size_t zero = text.find('\0'); zero != std::string_view::npos) {
    fail(where, "expected JSON, found a byte 0 at {}", line_and_column(text, zero + 1));
  }
  nlohmann::json root;
  StrictBuilder builder(root, text, where);
  nlohmann::json::sax_parse(text, &builder);
  return root;
}

std::string json_error_text(std::string_view text, size_t position,
                            const nlohmann::json::exception& error) {
  // "[id] parse error at ...: syntax error while ... - REASON; last read: 'TOKEN'; expected ..."
  const std::string_view message = error.what();
  std::string_view reason = "a number beyond the range of double";
  if (const size_t dash = message.find(" - "); dash != std::string_view::npos) {
    reason = message.substr(dash + 3);
    reason = reason.substr(0, std::min(reason.find("; last read"), reason.find("; expected")));
  }
  return fmt::format("{}: {}", line_and_column(text, position), reason);
}

bool is_utf8(const std::string& text) {
  try {
    static_cast<void>(nlohmann::json(text).dump());
    return true;
  } catch (const nlohmann::json::type_error&) {  // what a strict dump() says
    return false;
  }
}

nlohmann::ordered_json finite_or_null(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
}

std::string quote_text(std::string_view text) {
  constexpr size_t kShown = 60;
  const auto replace = nlohmann::json::error_handler_t::replace;
  const bool cut = text.size() > kShown;
  const nlohmann::json shown = std::string(text.substr(0, kShown)) + (cut ? "..." : "");
  return shown.dump(-1, ' ', /*ensure_ascii=*/true, replace);
}

std::string describe(const nlohmann::json& value) {
  switch (value.type()) {
    case nlohmann::json::value_t::object:
      return "an object";
    case nlohmann::json::value_t::array:
      return "a list";
    case nlohmann::json::value_t::string:
      return quote_text(value.get_ref<const std::string&>());
    case nlohmann::json::value_t::number_float:
      // dump() shows what is not finite as null.
      return std::isfinite(value.get<double>()) ? value.dump()
                                                : fmt::format("{}", value.get<double>());
    case nlohmann::json::value_t::binary:
    case nlohmann::json::value_t::discarded:
      return "no value";
    default:
      return value.dump();
  }
}

}  // namespace reformer
