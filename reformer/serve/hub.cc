#include "reformer/serve/hub.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>

#include "reformer/base/error.h"
#include "reformer/report/page.h"
#include "reformer/serve/connection.h"

namespace reformer::internal {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds kTick{100};
constexpr int kBacklog = 256;

tcp::endpoint endpoint_of(const ServeOptions& options) {
  error_code code;
  const auto address = asio::ip::make_address(options.address, code);
  if (code) {
    fail("--address", "expected a numeric address as 127.0.0.1, found another text");
  }
  return {address, options.port};
}

void listen(tcp::acceptor& acceptor, const ServeOptions& options) {
  const tcp::endpoint endpoint = endpoint_of(options);
  error_code code;
  // What these return they write to `code` as well.
  // NOLINTBEGIN(bugprone-unused-return-value)
  acceptor.open(endpoint.protocol(), code);
  // A server that is started again takes the port of the one before.
  if (!code) acceptor.set_option(tcp::acceptor::reuse_address(true), code);
  if (!code) acceptor.bind(endpoint, code);
  if (!code) acceptor.listen(kBacklog, code);
  // NOLINTEND(bugprone-unused-return-value)
  if (code) {
    fail("--port", "expected a port to listen on at {}, found {}: {}; try --port 0 for a free one",
         options.address, options.port, code.message());
  }
}

std::string in_address(const tcp::endpoint& endpoint) {
  const std::string text = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("[{}]", text) : text;
}

std::vector<std::string> hosts_of(const tcp::endpoint& endpoint, const ServeOptions& options) {
  std::vector<std::string> hosts;
  const auto add = [&](const std::string& name) {
    hosts.push_back(fmt::format("{}:{}", name, endpoint.port()));
    if (endpoint.port() == 80) hosts.push_back(name);
  };
  for (const char* name : {"127.0.0.1", "localhost", "[::1]"}) add(name);
  if (!endpoint.address().is_unspecified()) add(in_address(endpoint));
  for (const std::string& name : options.hosts) {
    hosts.push_back(name);
    add(name);
  }
  return hosts;
}

}  // namespace

Hub::Hub(ServeOptions options)
    : options_(std::move(options)),
      live_(options_.paths, options_.epoch),
      gate_({}, "", "", ""),
      policy_(policy_of_page(page_template())) {
  listen(acceptor_, options_);
  gate_ = Gate(hosts_of(acceptor_.local_endpoint(), options_), fmt::format("reformer-{}", port()),
               options_.secret, options_.new_token());
}

// What waits for a page or a picture holds connections, whose sockets must end before io_ does.
Hub::~Hub() {
  end_watching();
  waiting_.clear();
  pictures_wanted_.clear();
}

std::string Hub::url() const {
  const tcp::endpoint endpoint = acceptor_.local_endpoint();
  const std::string host = endpoint.address().is_unspecified() ? "127.0.0.1" : in_address(endpoint);
  return fmt::format("http://{}:{}/?token={}", host, endpoint.port(), gate_.token());
}

void Hub::link_used() {
  gate_.replace_token(options_.new_token());
  if (options_.on_used) options_.on_used(url());
}

void Hub::run(const std::function<bool()>& stop) {
  watcher_ = std::thread([this] { watch(); });
  accept();
  tick(stop);
  io_.run();
  end_watching();
  if (failure_) std::rethrow_exception(failure_);
}

void Hub::accept() {
  acceptor_.async_accept([this](error_code code, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (code) {  // most likely too many open files: those who wait are let in when others leave
      accept_again_.expires_after(kTick);
      accept_again_.async_wait([this](error_code cancelled) {
        if (!cancelled) accept();
      });
      return;
    }
    // Beyond the limit a connection is closed at once, by its socket's end.
    if (open_ < options_.limits.connections) {
      error_code ignored;
      // NOLINTNEXTLINE(bugprone-unused-return-value)
      socket.set_option(tcp::no_delay(true), ignored);
      std::make_shared<Connection>(std::move(socket), *this)->begin();
    }
    accept();
  });
}

void Hub::tick(const std::function<bool()>& stop) {
  if (stop()) {
    io_.stop();
    return;
  }
  quiet_ += kTick;
  if (quiet_ >= options_.limits.alive_every) {
    quiet_ = {};
    each_subscriber([](Connection& connection) { connection.keep_alive(); });
  }
  timer_.expires_after(kTick);
  timer_.async_wait([this, &stop](error_code) { tick(stop); });
}

template <class Act>
void Hub::each_subscriber(Act&& act) {
  std::erase_if(subscribers_, [](const auto& subscriber) { return subscriber.expired(); });
  const auto now = subscribers_;
  for (const auto& subscriber : now) {
    if (const auto connection = subscriber.lock()) act(*connection);
  }
}

void Hub::subscribe(const std::shared_ptr<Connection>& connection) {
  std::erase_if(subscribers_, [](const auto& subscriber) { return subscriber.expired(); });
  subscribers_.emplace_back(connection);
}

void Hub::publish(const std::vector<SharedText>& news) {
  for (const SharedText& message : news) log_.add(message);
  each_subscriber([](Connection& connection) { connection.news(); });
}

void Hub::want_snapshot(std::function<void(const Snapshot&)> take) {
  waiting_.push_back(std::move(take));
  const std::scoped_lock lock(mutex_);
  snapshot_wanted_ = true;
  wake_.notify_one();
}

void Hub::want_picture(WantedPicture picture) {
  const std::scoped_lock lock(mutex_);
  pictures_wanted_.push_back(std::move(picture));
  wake_.notify_one();
}

// What the thread of connections does with a picture.
std::function<void()> Hub::drawn(const PictureRequest& request, TakePicture take) {
  SharedText json;
  std::string reason;
  try {
    ++pictures_drawn_;
    json = live_.picture(request);
  } catch (const Error& error) {
    reason = error.what();
  } catch (const std::exception&) {  // whatever a file of a run makes happen ends no server
    reason = "the model of this run cannot be drawn";
  }
  return [take = std::move(take), json, reason] { take(json, reason); };
}

void Hub::deliver(const Snapshot& snapshot) {
  const auto waiting = std::exchange(waiting_, {});
  for (const auto& take : waiting) take(snapshot);
}

// Messages and snapshots reach the other thread in the order in which they are made.
void Hub::watch() {
  try {
    while (true) {
      auto news = live_.look();
      if (!news.empty()) asio::post(io_, [this, news = std::move(news)] { publish(news); });
      std::unique_lock lock(mutex_);
      if (std::exchange(snapshot_wanted_, false)) {
        lock.unlock();
        asio::post(io_, [this, snapshot = live_.snapshot()] { deliver(snapshot); });
        lock.lock();
      }
      // One picture between two looks: who asks for many keeps nobody from new points.
      if (!pictures_wanted_.empty()) {
        WantedPicture picture = std::move(pictures_wanted_.front());
        pictures_wanted_.pop_front();
        lock.unlock();
        // Nothing of it stays here: a connection ends in the thread of connections.
        if (*picture.wanted) {
          asio::post(io_, drawn(picture.request, std::move(picture.take)));
        } else {
          asio::post(io_, [take = std::move(picture.take)] {});
        }
        lock.lock();
      }
      wake_.wait_for(lock, options_.limits.look_every,
                     [this] { return stopping_ || snapshot_wanted_ || !pictures_wanted_.empty(); });
      if (stopping_) return;
    }
  } catch (...) {
    failure_ = std::current_exception();
    io_.stop();
  }
}

void Hub::end_watching() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (watcher_.joinable()) watcher_.join();
}

}  // namespace reformer::internal
