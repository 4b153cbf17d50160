// Who may ask the server what: every rule that is about a request and not about a connection.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace reformer {

// A request without body, as it arrived.
struct RequestHead {
  std::string method, target;
  std::vector<std::pair<std::string, std::string>> fields;  // names in lower case, in order
};

// What becomes of a request.
struct Admission {
  enum class Kind {
    page,      // the report
    enter,     // the same with a token, to be exchanged for a cookie
    events,    // the stream of what is new
    attention  // a picture of attention: picture_request.h
  } kind = Kind::page;
  std::string query;  // what follows '?', as it came
};

struct Refusal {
  int status = 400;
  std::string reason;  // names nothing of this machine
};

// Whether two texts are equal, in a time that depends on their lengths only.
bool equal_secrets(std::string_view a, std::string_view b);

// The value of `key` in "a=1&b=2", without decoding; nothing when it is not there.
std::optional<std::string> query_value(std::string_view query, std::string_view key);

class Gate {
 public:
  // `hosts`: what a Host header may say, for example "127.0.0.1:8391". secret: the value of the
  // cookie, by which a browser that came in once is known. token: what lets the next one in.
  Gate(std::vector<std::string> hosts, std::string cookie, std::string secret, std::string token);

  // Refused are, in this order: other methods than GET and HEAD, a target that is not a path, a
  // body, a missing, double or foreign Host (whoever sends one was led here by a foreign name), a
  // foreign Origin or Sec-Fetch-Site, whoever has neither cookie nor token, and paths that lead
  // nowhere. No path ever reaches the file system.
  std::variant<Admission, Refusal> admit(const RequestHead& request) const;

  // The token lets one browser in: `next` is the one that counts from now on.
  void replace_token(std::string next) { token_ = std::move(next); }
  const std::string& token() const { return token_; }

  // The Set-Cookie header for whoever came with the token.
  std::string cookie_header() const;

 private:
  std::optional<Refusal> foreign(const RequestHead& request) const;
  bool is_known(const RequestHead& request) const;

  std::vector<std::string> hosts_;
  std::string cookie_, secret_, token_;
};

}  // namespace reformer
