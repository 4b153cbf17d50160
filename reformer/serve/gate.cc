#include "reformer/serve/gate.h"

#include <fmt/format.h>

#include <algorithm>

namespace reformer {
namespace {

constexpr std::string_view kScheme = "http://";

std::vector<std::string_view> values_of(const RequestHead& request, std::string_view name) {
  std::vector<std::string_view> values;
  for (const auto& [field, value] : request.fields) {
    if (field == name) values.push_back(value);
  }
  return values;
}

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

// The parts of a text between separators.
std::vector<std::string_view> parts_of(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool has_body(const RequestHead& request) {
  if (!values_of(request, "transfer-encoding").empty()) return true;
  const auto lengths = values_of(request, "content-length");
  return std::ranges::any_of(lengths, [](std::string_view length) { return length != "0"; });
}

}  // namespace

bool equal_secrets(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  }
  return difference == 0;
}

std::optional<std::string> query_value(std::string_view query, std::string_view key) {
  for (const std::string_view part : parts_of(query, '&')) {
    const size_t equals = part.find('=');
    if (equals != std::string_view::npos && part.substr(0, equals) == key) {
      return std::string(part.substr(equals + 1));
    }
  }
  return std::nullopt;
}

Gate::Gate(std::vector<std::string> hosts, std::string cookie, std::string secret,
           std::string token)
    : hosts_(std::move(hosts)),
      cookie_(std::move(cookie)),
      secret_(std::move(secret)),
      token_(std::move(token)) {}

std::optional<Refusal> Gate::foreign(const RequestHead& request) const {
  const auto known = [this](std::string_view host) {
    return std::ranges::find(hosts_, host) != hosts_.end();
  };
  const auto hosts = values_of(request, "host");
  if (hosts.size() != 1 || !known(hosts[0])) {
    return Refusal{421, "this server goes by the name in the address that it printed"};
  }
  for (const std::string_view origin : values_of(request, "origin")) {
    if (!origin.starts_with(kScheme) || !known(origin.substr(kScheme.size()))) {
      return Refusal{403, "other pages may not ask this server"};
    }
  }
  for (const std::string_view site : values_of(request, "sec-fetch-site")) {
    if (site != "same-origin" && site != "none") {
      return Refusal{403, "other pages may not ask this server; paste the address instead"};
    }
  }
  return std::nullopt;
}

bool Gate::is_known(const RequestHead& request) const {
  for (const std::string_view cookies : values_of(request, "cookie")) {
    for (const std::string_view part : parts_of(cookies, ';')) {
      const std::string_view cookie = trimmed(part);
      const size_t equals = cookie.find('=');
      if (equals != std::string_view::npos && cookie.substr(0, equals) == cookie_ &&
          equal_secrets(cookie.substr(equals + 1), secret_)) {
        return true;
      }
    }
  }
  return false;
}

std::variant<Admission, Refusal> Gate::admit(const RequestHead& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    return Refusal{405, "this server only answers GET and HEAD"};
  }
  if (!request.target.starts_with('/')) return Refusal{400, "expected a path"};
  if (has_body(request)) return Refusal{413, "expected no body"};
  if (auto refusal = foreign(request)) return *refusal;
  const size_t question = request.target.find('?');
  const std::string path = request.target.substr(0, question);
  Admission admission;
  if (question != std::string::npos) admission.query = request.target.substr(question + 1);
  if (!is_known(request)) {
    const auto token = query_value(admission.query, "token");
    if (path == "/" && request.method == "GET" && token && equal_secrets(*token, token_)) {
      admission.kind = Admission::Kind::enter;
      return admission;
    }
    return Refusal{403, "expected a key; open the address that the server printed last"};
  }
  if (path == "/") {
    // Whoever is known and comes by a link again is not left with a token in the address.
    if (query_value(admission.query, "token")) admission.kind = Admission::Kind::enter;
    return admission;
  }
  if (path == "/events") {
    admission.kind = Admission::Kind::events;
    return admission;
  }
  if (path == "/attention") {
    admission.kind = Admission::Kind::attention;
    return admission;
  }
  return Refusal{404, "nothing is here"};
}

std::string Gate::cookie_header() const {
  return fmt::format("{}={}; HttpOnly; SameSite=Strict; Path=/", cookie_, secret_);
}

}  // namespace reformer
