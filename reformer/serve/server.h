// The report of runs, live, for browsers on this machine.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace reformer {

namespace internal {
class Hub;
}

struct ServeLimits {
  size_t connections = 512;
  size_t header_bytes = 8192;
  std::chrono::milliseconds header_within{10'000};  // a request has to be here whole
  std::chrono::milliseconds write_within{30'000};   // for one answer or message to be taken
  std::chrono::milliseconds look_every{200};        // at the runs
  std::chrono::milliseconds alive_every{15'000};    // streams without news say that they live
};

struct ServeOptions {
  std::vector<std::filesystem::path> paths;  // as of make_report()
  std::string address = "127.0.0.1";         // where to listen
  uint16_t port = 0;                         // 0: one that is free
  std::vector<std::string> hosts;            // further names to go by, with or without a port
  std::string secret;                        // what browsers are known by (gate.h); unguessable
  std::string epoch;                         // different at every start
  std::function<std::string()> new_token;    // unguessable
  std::function<void(const std::string& url)> on_used;  // a link was used; the next one is `url`
  ServeLimits limits;
};

// Answers GET / with the page, GET /events with what is new since then, by server-sent events, and
// GET /attention with pictures of attention.
// Reads runs only, in a thread of its own, so that a slow disk makes nobody wait. One thread serves
// all connections.
class Server {
 public:
  // Listens, but answers nobody yet. Throws Error where the paths cannot be read or the port is
  // taken.
  explicit Server(ServeOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  uint16_t port() const;

  // Where to go, with a token that lets in one browser.
  std::string url() const;

  // Pictures of attention that were begun; those whose client left before are not.
  int64_t pictures_drawn() const;

  // Serves until `stop`, which is asked ten times a second, says so; closes all connections.
  void run(const std::function<bool()>& stop);

 private:
  std::unique_ptr<internal::Hub> hub_;
};

}  // namespace reformer
