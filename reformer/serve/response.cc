#include "reformer/serve/response.h"

#include <fmt/format.h>

#include "reformer/base/error.h"

namespace reformer {

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 303:
      return "See Other";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Content Too Large";
    case 421:
      return "Misdirected Request";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "Error";
  }
}

std::string policy_of_page(std::string_view page) {
  constexpr std::string_view kBefore = "http-equiv=\"Content-Security-Policy\" content=\"";
  const size_t at = page.find(kBefore);
  REFORMER_CHECK(at != std::string_view::npos);
  const size_t begin = at + kBefore.size();
  return fmt::format("{}; frame-ancestors 'none'",
                     page.substr(begin, page.find('"', begin) - begin));
}

std::string head_text(const ResponseHead& head) {
  std::string out = fmt::format(
      "HTTP/1.1 {} {}\r\n"
      "Content-Type: {}\r\n"
      "Content-Security-Policy: {}\r\n"
      "X-Content-Type-Options: nosniff\r\n"
      "X-Frame-Options: DENY\r\n"
      "Referrer-Policy: no-referrer\r\n"
      "Cross-Origin-Opener-Policy: same-origin\r\n"
      "Cross-Origin-Resource-Policy: same-origin\r\n"
      "Cache-Control: no-store\r\n",
      head.status, reason_phrase(head.status), head.type,
      head.policy.empty() ? "default-src 'none'; frame-ancestors 'none'" : head.policy);
  for (const std::string& line : head.more) out += line + "\r\n";
  if (head.length) out += fmt::format("Content-Length: {}\r\n", *head.length);
  if (!head.keep_alive) out += "Connection: close\r\n";
  return out + "\r\n";
}

}  // namespace reformer
