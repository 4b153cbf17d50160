// One connection: requests, one after the other, until one of them asks for the stream of events.
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reformer/serve/hub.h"
#include "reformer/serve/response.h"

namespace reformer::internal {

// Lives as long as something of it is under way: every handler holds it. A request that does not
// arrive in time, or an answer that is not taken, ends it.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(boost::asio::ip::tcp::socket socket, Hub& hub);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void begin() { read_request(); }

  // There are messages for a stream.
  void news() { write_messages(); }

  // A stream without news shows that it lives.
  void keep_alive();

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::empty_body>;

  void read_request();
  void request_read(boost::system::error_code code);
  void answer(const RequestHead& request);
  void enter();
  void send_page();
  void send_picture(const std::string& query);
  void watch_for_leaving(std::shared_ptr<std::atomic<bool>> wanted);
  void refuse(const Refusal& refusal, bool close);
  void send(ResponseHead head, SharedText body, bool linger = false);
  void linger();

  void begin_stream(const RequestHead& request, const std::string& query);
  void write_messages();
  void begin_anew();
  void write(std::vector<SharedText> texts);
  void watch_for_end();

  Hub& hub_;
  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  bool head_only_ = false, keep_ = true;
  std::string head_;
  SharedText body_;

  // Of a stream.
  bool writing_ = false;
  bool asked_ = false;  // for a snapshot
  int64_t next_ = 0;    // message
  std::vector<SharedText> texts_;
  size_t discarded_ = 0;
};

}  // namespace reformer::internal
