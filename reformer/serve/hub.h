// What the connections of a server share: the gate, the messages, and the thread that looks at the
// runs.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "reformer/serve/gate.h"
#include "reformer/serve/live_report.h"
#include "reformer/serve/message_log.h"
#include "reformer/serve/server.h"

namespace reformer::internal {

class Connection;

// All but watch() happens in the thread that calls run().
class Hub {
 public:
  explicit Hub(ServeOptions options);
  ~Hub();

  void run(const std::function<bool()>& stop);

  uint16_t port() const { return acceptor_.local_endpoint().port(); }
  std::string url() const;

  const ServeLimits& limits() const { return options_.limits; }
  const Gate& gate() const { return gate_; }
  const std::string& policy() const { return policy_; }
  const MessageLog& log() const { return log_; }

  // The number of the last message that a client has, by the name that it gives it.
  std::optional<int64_t> number_of(std::string_view name) const { return live_.number_of(name); }
  SharedText report_event(const Snapshot& snapshot) const { return live_.report_event(snapshot); }

  // Somebody came in by the link.
  void link_used();

  // Calls back once there is one.
  void want_snapshot(std::function<void(const Snapshot&)> take);

  // Calls back with the picture as JSON, or with nothing and the reason. Not when it is no longer
  // wanted by the time at which it would be drawn.
  using TakePicture = std::function<void(const SharedText& json, const std::string& reason)>;
  struct WantedPicture {
    PictureRequest request;
    std::shared_ptr<const std::atomic<bool>> wanted;
    TakePicture take;
  };
  void want_picture(WantedPicture picture);
  int64_t pictures_drawn() const { return pictures_drawn_; }

  // From now on the connection hears of news, as long as it lives.
  void subscribe(const std::shared_ptr<Connection>& connection);

  // Every connection says so when it begins and ends.
  void opened() { ++open_; }
  void closed() { --open_; }

 private:
  void accept();
  void tick(const std::function<bool()>& stop);
  void publish(const std::vector<SharedText>& news);
  void deliver(const Snapshot& snapshot);
  template <class Act>
  void each_subscriber(Act&& act);

  void watch();  // the other thread
  std::function<void()> drawn(const PictureRequest& request, TakePicture take);
  std::atomic<int64_t> pictures_drawn_ = 0;
  void end_watching();

  ServeOptions options_;
  size_t open_ = 0;
  LiveReport live_;  // of the watching thread, but for number_of() and report_event()
  Gate gate_;
  std::string policy_;
  MessageLog log_;
  std::vector<std::weak_ptr<Connection>> subscribers_;
  std::vector<std::function<void(const Snapshot&)>> waiting_;
  std::chrono::milliseconds quiet_{0};  // since streams were told anything

  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  bool stopping_ = false, snapshot_wanted_ = false;
  std::deque<WantedPicture> pictures_wanted_;
  std::exception_ptr failure_;

  std::thread watcher_;
  boost::asio::io_context io_{1};
  boost::asio::ip::tcp::acceptor acceptor_{io_};
  boost::asio::steady_timer timer_{io_}, accept_again_{io_};
};

}  // namespace reformer::internal
