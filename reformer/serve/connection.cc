#include "reformer/serve/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>

namespace reformer::internal {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr size_t kMostBuffered = 16 << 10;  // bytes of requests that wait
constexpr size_t kMostDiscarded = 1 << 20;  // bytes of a request that is refused
constexpr size_t kMessagesAtOnce = 64;
constexpr std::chrono::seconds kLinger{1};

SharedText text(std::string bytes) { return std::make_shared<const std::string>(std::move(bytes)); }

RequestHead head_of(const http::request<http::empty_body>& request) {
  RequestHead head{std::string(request.method_string()), std::string(request.target()), {}};
  for (const auto& field : request) {
    std::string name(field.name_string());
    std::ranges::transform(name, name.begin(), [](unsigned char c) {
      return static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    });
    head.fields.emplace_back(std::move(name), std::string(field.value()));
  }
  return head;
}

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, Hub& hub)
    : hub_(hub), stream_(std::move(socket)), buffer_(kMostBuffered) {
  hub_.opened();
}

Connection::~Connection() { hub_.closed(); }

void Connection::read_request() {
  parser_.emplace();
  parser_->header_limit(static_cast<uint32_t>(hub_.limits().header_bytes));
  parser_->body_limit(boost::none);  // no body is read, the gate refuses it
  stream_.expires_after(hub_.limits().header_within);
  http::async_read_header(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](error_code code, size_t) { self->request_read(code); });
}

void Connection::request_read(error_code code) {
  if (code == http::error::header_limit || code == http::error::buffer_overflow) {
    return refuse({431, "expected a shorter request"}, true);
  }
  const bool malformed = code.category() == make_error_code(http::error::bad_target).category();
  if (code == http::error::end_of_stream || code == http::error::partial_message) return;
  if (code && malformed) return refuse({400, "expected an HTTP request"}, true);
  if (code) return;  // gone, or too slow
  if (!parser_) return;
  const auto& request = parser_->get();
  keep_ = request.keep_alive();
  answer(head_of(request));
}

void Connection::answer(const RequestHead& request) {
  head_only_ = request.method == "HEAD";
  const auto admitted = hub_.gate().admit(request);
  if (const auto* refusal = std::get_if<Refusal>(&admitted)) {
    // What follows may be a body, which is not read.
    const bool close = refusal->status != 403 && refusal->status != 404;
    return refuse(*refusal, close);
  }
  const auto& admission = std::get<Admission>(admitted);
  switch (admission.kind) {
    case Admission::Kind::enter:
      return enter();
    case Admission::Kind::page:
      return send_page();
    case Admission::Kind::attention:
      return send_picture(admission.query);
    case Admission::Kind::events:
      return begin_stream(request, admission.query);
  }
}

// The cookie comes with a redirection, so that no token stays in the address and the history.
void Connection::enter() {
  ResponseHead head;
  head.status = 303;
  head.more = {"Location: /", "Set-Cookie: " + hub_.gate().cookie_header()};
  if (!head_only_) hub_.link_used();
  send(std::move(head), text(""));
}

void Connection::send_page() {
  hub_.want_snapshot([self = shared_from_this()](const Snapshot& snapshot) {
    ResponseHead head;
    head.type = "text/html; charset=utf-8";
    head.policy = self->hub_.policy();
    self->send(std::move(head), snapshot.html);
  });
}

void Connection::send_picture(const std::string& query) {
  auto request = picture_request(query);
  if (!request) return refuse({400, "expected run, sequence, layer and head"}, false);
  const auto wanted = std::make_shared<std::atomic<bool>>(true);
  watch_for_leaving(wanted);
  hub_.want_picture(
      {std::move(*request), wanted,
       [self = shared_from_this()](const SharedText& json, const std::string& reason) {
         if (!json) return self->refuse({404, reason}, false);
         ResponseHead head;
         head.type = "application/json";
         self->send(std::move(head), json);
       }});
}

// Who closes before the picture is there wants it no more. A next request may come meanwhile; it
// stays where it is.
void Connection::watch_for_leaving(std::shared_ptr<std::atomic<bool>> wanted) {
  stream_.socket().async_wait(
      asio::ip::tcp::socket::wait_read,
      [weak = weak_from_this(), wanted = std::move(wanted)](error_code code) {
        const auto self = weak.lock();
        if (code || !self) return;
        char byte = 0;
        self->stream_.socket().receive(asio::buffer(&byte, 1), asio::ip::tcp::socket::message_peek,
                                       code);
        if (code && code != asio::error::would_block) *wanted = false;
      });
}

void Connection::refuse(const Refusal& refusal, bool close) {
  ResponseHead head;
  head.status = refusal.status;
  if (refusal.status == 405) head.more = {"Allow: GET, HEAD"};
  if (close) keep_ = false;
  send(std::move(head),
       text(fmt::format("{} {}: {}\n", refusal.status, reason_phrase(refusal.status),
                        refusal.reason)),
       close);
}

void Connection::send(ResponseHead head, SharedText body, bool then_linger) {
  head.length = body->size();
  head.keep_alive = keep_;
  head_ = head_text(head);
  body_ = head_only_ ? text("") : std::move(body);
  stream_.expires_after(hub_.limits().write_within);
  const std::array<asio::const_buffer, 2> buffers = {asio::buffer(head_), asio::buffer(*body_)};
  asio::async_write(
      stream_, buffers, [self = shared_from_this(), then_linger](error_code code, size_t) {
        self->body_.reset();
        if (code) return;
        if (then_linger) return self->linger();
        if (self->keep_) return self->read_request();
        error_code ignored;
        // NOLINTNEXTLINE(bugprone-unused-return-value)
        self->stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
      });
}

// Closing a connection with unread bytes in it would take the answer back: some are read first.
void Connection::linger() {
  error_code ignored;
  // NOLINTNEXTLINE(bugprone-unused-return-value)
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  buffer_.clear();
  stream_.expires_after(kLinger);
  stream_.async_read_some(buffer_.prepare(kMostBuffered),
                          [self = shared_from_this()](error_code code, size_t bytes) {
                            self->discarded_ += bytes;
                            if (!code && self->discarded_ < kMostDiscarded) self->linger();
                          });
}

void Connection::begin_stream(const RequestHead& request, const std::string& query) {
  ResponseHead head;
  head.type = "text/event-stream";
  head.length = std::nullopt;
  head.keep_alive = false;
  if (head_only_) {
    head.length = 0;
    return send(std::move(head), text(""));
  }
  std::string since = query_value(query, "since").value_or("");
  for (const auto& [name, value] : request.fields) {
    if (name == "last-event-id") since = value;
  }
  next_ = hub_.number_of(since).value_or(-1) + 1;  // 0: nothing that is known here
  hub_.subscribe(shared_from_this());
  stream_.expires_never();
  watch_for_end();
  write({text(head_text(head) + "retry: 500\n\n")});
}

// A client says nothing on a stream; when it does, or is gone, the stream ends.
void Connection::watch_for_end() {
  buffer_.clear();
  stream_.async_read_some(buffer_.prepare(1), [self = shared_from_this()](error_code, size_t) {
    self->stream_.close();
  });
}

void Connection::keep_alive() {
  if (!writing_ && !asked_) write({text(": alive\n\n")});
}

void Connection::write_messages() {
  if (writing_ || asked_) return;
  if (next_ == 0 || !hub_.log().reaches(next_ - 1)) return begin_anew();
  std::vector<SharedText> texts;
  while (next_ <= hub_.log().newest() && texts.size() < kMessagesAtOnce) {
    texts.push_back(hub_.log().at(next_++));
  }
  if (!texts.empty()) write(std::move(texts));
}

void Connection::begin_anew() {
  asked_ = true;
  hub_.want_snapshot([self = shared_from_this()](const Snapshot& snapshot) {
    self->asked_ = false;
    self->next_ = snapshot.number + 1;
    self->write({self->hub_.report_event(snapshot)});
  });
}

void Connection::write(std::vector<SharedText> texts) {
  writing_ = true;
  texts_ = std::move(texts);
  std::vector<asio::const_buffer> buffers;
  for (const SharedText& one : texts_) buffers.push_back(asio::buffer(*one));
  stream_.expires_after(hub_.limits().write_within);
  asio::async_write(stream_, buffers, [self = shared_from_this()](error_code code, size_t) {
    self->writing_ = false;
    self->texts_.clear();
    if (code) return self->stream_.close();
    self->write_messages();
  });
}

}  // namespace reformer::internal
