// The server at the other end of real connections.
#include "reformer/serve/server.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <random>
#include <thread>

#include "reformer/base/error.h"
#include "tests/run/small_training.h"
#include "tests/serve/client.h"
#include "tests/serve/growing_run.h"
#include "tests/support/temporary_directory.h"

namespace reformer::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

const std::string kServerSecret(32, 'a');

class ServerTest : public testing::Test {
 protected:
  ~ServerTest() override { end(); }

  void begin(uint16_t port = 0, const std::string& epoch = "one") {
    ServeOptions options;
    options.paths = {directory_.path()};
    options.port = port;
    options.secret = kServerSecret;
    options.epoch = epoch;
    options.new_token = [this] { return fmt::format("token{}", ++tokens_); };
    options.on_used = [this](const std::string& url) { next_url_ = url; };
    options.limits = limits_;
    server_ = std::make_unique<Server>(std::move(options));
    stop_ = false;
    thread_ = std::thread([this] { server_->run([this] { return stop_.load(); }); });
  }
  void end() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    server_.reset();
  }
  uint16_t port() const { return server_->port(); }

  std::string head(const std::string& line, const std::string& more = "") const {
    return fmt::format("{} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nCookie: reformer-{}={}\r\n{}\r\n",
                       line, port(), port(), kServerSecret, more);
  }
  std::string ask(const std::string& bytes) const {
    Client client(port());
    client.send(bytes);
    client.end();
    return client.rest();
  }

  // A client of the stream, from message `since` on.
  Client listen(const std::string& since) const {
    Client client(port());
    client.send(head("GET /events?since=" + since));
    return client;
  }

  TemporaryDirectory directory_;
  ServeLimits limits_;
  std::unique_ptr<Server> server_;
  std::string next_url_;

 private:
  std::atomic<int> tokens_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

TEST_F(ServerTest, ATokenBecomesACookieOnce) {
  GrowingRun run(directory_.path() / "a");
  begin();
  EXPECT_EQ(server_->url(), fmt::format("http://127.0.0.1:{}/?token=token1", port()));
  const std::string enter =
      fmt::format("GET /?token=token1 HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", port());
  const std::string entered = ask(enter);
  EXPECT_THAT(entered, StartsWith("HTTP/1.1 303 See Other\r\n"));
  EXPECT_THAT(entered, HasSubstr("Location: /\r\n"));
  EXPECT_THAT(entered,
              HasSubstr(fmt::format("Set-Cookie: reformer-{}={}; HttpOnly; SameSite=Strict", port(),
                                    kServerSecret)));
  EXPECT_THAT(ask(enter), StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(next_url_, HasSubstr("token2"));
}

TEST_F(ServerTest, ThePageComesWithItsPolicy) {
  GrowingRun run(directory_.path() / "a");
  begin();
  const std::string page = ask(head("GET /"));
  EXPECT_THAT(page, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(page, HasSubstr("Content-Security-Policy: default-src 'none'; script-src 'sha256-"));
  EXPECT_THAT(page, HasSubstr("frame-ancestors 'none'\r\n"));
  EXPECT_THAT(page, HasSubstr("X-Content-Type-Options: nosniff\r\n"));
  EXPECT_THAT(page, HasSubstr("Cache-Control: no-store\r\n"));
  EXPECT_THAT(page, HasSubstr("\"live\":{\"since\":\"one-"));
  EXPECT_THAT(page, Not(HasSubstr("Access-Control")));
  const std::string only_head = ask(head("HEAD /"));
  EXPECT_THAT(only_head, testing::EndsWith("\r\n\r\n"));
  EXPECT_LT(only_head.size(), 2000u);
}

TEST_F(ServerTest, RefusesAndNamesNoPath) {
  limits_.header_bytes = 1000;
  GrowingRun run(directory_.path() / "a");
  begin();
  const std::string huge(2000, 'x');
  const std::vector<std::pair<std::string, int>> refused = {
      {"GET / HTTP/1.1\r\nHost: evil.com\r\n\r\n", 421},
      {head("GET /", "Origin: http://evil.com\r\n"), 403},
      {head("GET /../../etc/passwd"), 404},
      {head("GET /%2e%2e/run.db"), 404},
      {head("GET http://127.0.0.1/"), 400},
      {head("POST /", "Content-Length: 3\r\n") + "abc", 405},
      {head("GET /", "Content-Length: 3\r\n") + "abc", 413},
      {head("GET /", "Transfer-Encoding: chunked\r\n") + "-1\r\n", 413},
      {head("GET /", "Content-Length: 3\r\nContent-Length: 4\r\n"), 400},
      {head("GET /" + huge), 431},
      {head("GET /", "X: " + huge + "\r\n"), 431},
      {"GET /\r\n\r\n", 400},
      {"\x16\x03\x01\x02", 0},  // TLS, cut short
      {std::string("GET /\0 HTTP/1.1\r\n\r\n", 18), 400}};
  for (const auto& [bytes, status] : refused) {
    const std::string answer = ask(bytes);
    if (status == 0) continue;
    EXPECT_THAT(answer, StartsWith(fmt::format("HTTP/1.1 {} ", status))) << bytes.substr(0, 99);
    EXPECT_THAT(answer, Not(HasSubstr(directory_.path().string())));
  }
  EXPECT_THAT(ask(head("GET /")), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ServerTest, DrawsAttentionOfRunsThatItShows) {
  const auto training = [&](const std::string& name) {
    ThreadPool pool(1);
    RunConfig config = small_training();
    config.train.steps = 1;
    Watcher watcher;
    TrainingRun::begin(directory_.path() / name, config, false, pool, counting_clock())
        ->train(watcher);
  };
  training("a b");
  const GrowingRun empty(directory_.path() / "empty");
  begin();
  const auto picture = [&](const std::string& query) {
    Client client(port());  // who closes its side wants no picture
    client.send(head("GET /attention?" + query, "Connection: close\r\n"));
    return client.rest();
  };
  const std::string drawn = picture("run=a%20b&sequence=1&layer=0&head=1");
  EXPECT_THAT(drawn, StartsWith("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"));
  EXPECT_THAT(drawn, HasSubstr("{\"run\":\"a b\",\"sequence\":1,\"layer\":0,\"head\":1,"));
  EXPECT_THAT(picture("run=a"), StartsWith("HTTP/1.1 400 "));
  for (const char* run : {"..", "%2e%2e%2f", "%2fetc", "empty", "a%20b%2f.", ""}) {
    const std::string refused = picture(fmt::format("run={}&sequence=0&layer=0&head=0", run));
    EXPECT_THAT(refused, testing::AnyOf(StartsWith("HTTP/1.1 404 "), StartsWith("HTTP/1.1 400 ")));
    EXPECT_THAT(refused, Not(HasSubstr(directory_.path().string())));
  }
  EXPECT_THAT(picture("run=a%20b&sequence=0&layer=9&head=0"), HasSubstr("a layer below 1"));
}

TEST_F(ServerTest, PicturesThatNobodyWaitsForAreNotDrawn) {
  ThreadPool pool(1);
  RunConfig config = small_training();
  config.train.steps = 1;
  config.model.length = 512;  // takes a while to draw
  Watcher watcher;
  TrainingRun::begin(directory_.path() / "a", config, false, pool, counting_clock())
      ->train(watcher);
  begin();
  const std::string request =
      head("GET /attention?run=a&sequence=0&layer=0&head=0", "Connection: close\r\n");
  Client first(port());
  first.send(request);
  constexpr int kGone = 40;
  for (int i = 0; i < kGone; ++i) Client(port()).send(request);
  Client last(port());
  last.send(request);
  EXPECT_THAT(first.rest(), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(last.rest(), StartsWith("HTTP/1.1 200 "));
  // Some may be begun before it is seen that their client left.
  EXPECT_GE(server_->pictures_drawn(), 2);
  EXPECT_LT(server_->pictures_drawn(), 2 + kGone / 2);
}

TEST_F(ServerTest, EndsWithPagesAndPicturesUnderWay) {
  ThreadPool pool(1);
  RunConfig config = small_training();
  config.train.steps = 1;
  Watcher watcher;
  TrainingRun::begin(directory_.path() / "a", config, false, pool, counting_clock())
      ->train(watcher);
  begin();
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 12; ++i) {
    clients.push_back(std::make_unique<Client>(port()));
    clients.back()->send(
        head(i % 4 == 0 ? "GET /" : "GET /attention?run=a&sequence=0&layer=0&head=0"));
  }
  clients.resize(9);  // some are gone before they are answered
  end();
}

TEST_F(ServerTest, AnswersSeveralRequestsOnAConnection) {
  begin();
  Client client(port());
  client.send(head("HEAD /") + head("GET /nothing") + head("HEAD /"));
  EXPECT_THAT(client.until("\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(client.until("nothing is here\n"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(client.until("\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ServerTest, SlowRequestsEndAndHinderNobody) {
  limits_.header_within = 200ms;
  begin();
  std::vector<Client> slow;
  for (int i = 0; i < 50; ++i) {
    slow.emplace_back(port());
    slow.back().send("GET / HTTP/1.1\r\nHo");
  }
  EXPECT_THAT(ask(head("HEAD /")), StartsWith("HTTP/1.1 200 "));
  for (Client& client : slow) EXPECT_EQ(client.rest(), "");
}

TEST_F(ServerTest, ConnectionsBeyondTheLimitAreClosed) {
  limits_.connections = 10;
  begin();
  std::vector<Client> streams;
  for (int i = 0; i < 10; ++i) {
    streams.push_back(listen("one-0"));
    EXPECT_THAT(streams.back().until("retry: 500\n\n"), HasSubstr("text/event-stream"));
  }
  EXPECT_EQ(ask(head("GET /")), "");
  streams.pop_back();
  std::string answer;
  for (int tries = 0; tries < 200 && answer.empty(); ++tries) {
    std::this_thread::sleep_for(5ms);
    answer = ask(head("HEAD /"));
  }
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
}

TEST_F(ServerTest, AHundredClientsHearOfEveryRowWithinASecond) {
  GrowingRun run(directory_.path() / "a");
  begin();
  std::vector<Client> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(listen("one-0"));
    clients.back().until("retry: 500\n\n");
  }
  // One that reads nothing is no burden to the others.
  const Client deaf = listen("");
  for (int64_t step = 1; step <= 2; ++step) {
    run.grow(1);
    const auto committed = std::chrono::steady_clock::now();
    for (Client& client : clients) {
      EXPECT_THAT(client.until("\n\n"), HasSubstr(fmt::format("\"rows\":{{\"steps\":[{}]", step)));
    }
    EXPECT_LT(std::chrono::steady_clock::now() - committed, 1s);
  }
}

TEST_F(ServerTest, AClientThatWasAwayHearsWhatItMissed) {
  GrowingRun run(directory_.path() / "a");
  begin();
  Client first = listen("one-0");
  run.grow(1);
  EXPECT_THAT(first.until("data: "), HasSubstr("id: one-1\n"));
  run.grow(1);
  EXPECT_THAT(first.until("id: one-2\n"), HasSubstr("[1]"));
  Client again = listen("one-1");
  EXPECT_THAT(again.until("id: one-2\n"), Not(HasSubstr("id: one-1\n")));
  Client by_header(port());
  by_header.send(head("GET /events?since=one-0", "Last-Event-ID: one-1\r\n"));
  EXPECT_THAT(by_header.until("id: one-2\n"), Not(HasSubstr("id: one-1\n")));
}

TEST_F(ServerTest, AfterARestartClientsBeginAnew) {
  GrowingRun run(directory_.path() / "a");
  begin();
  const uint16_t before = port();
  Client client = listen("one-0");
  client.until("retry: 500\n\n");
  end();
  EXPECT_EQ(client.rest(), "");  // the end of the server ends the stream
  run.grow(3);
  begin(before, "two");
  Client again = listen("one-0");
  const std::string report = again.until("\"live\":");
  EXPECT_THAT(report, HasSubstr("id: two-0\nevent: report\n"));
  run.grow(1);
  EXPECT_THAT(again.until("\"steps\":[4]"), HasSubstr("id: two-1\nevent: rows\n"));
}

TEST_F(ServerTest, ReadingHindersNoTraining) {
  GrowingRun run(directory_.path() / "a");
  limits_.look_every = 1ms;
  begin();
  const Client client = listen("one-0");
  for (int i = 0; i < 50; ++i) EXPECT_NO_THROW(run.grow(20));  // no commit waits for a second
}

TEST_F(ServerTest, APortThatIsTakenIsAMistake) {
  begin();
  ServeOptions options;
  options.paths = {directory_.path()};
  options.port = port();
  options.new_token = [] { return std::string("t"); };
  EXPECT_THROW(Server{options}, Error);
  options.address = "localhost; rm";
  EXPECT_THROW(Server{options}, Error);
}

// Requests with bytes changed, added and left out, by whoever has a key and whoever has none.
TEST_F(ServerTest, RandomRequestsGetAnAnswerOrNone) {
  GrowingRun run(directory_.path() / "a");
  begin();
  const char* wanted = std::getenv("REFORMER_RANDOM_REQUESTS");
  const int64_t requests = wanted != nullptr ? std::strtol(wanted, nullptr, 10) : 10'000;
  const std::vector<std::string> pieces = {"\r\n",
                                           "\n",
                                           "\r",
                                           ": ",
                                           std::string(1, '\0'),
                                           "%00",
                                           "../",
                                           "..\\",
                                           "//",
                                           "%2e%2e%2f",
                                           "Content-Length: 18446744073709551616\r\n",
                                           "Content-Length: -1\r\n",
                                           "Transfer-Encoding: chunked\r\n",
                                           "Host: a\r\n",
                                           " HTTP/0.9",
                                           " HTTP/9.9",
                                           "\xff\xfe",
                                           "GET ",
                                           "Expect: 100-continue\r\n",
                                           "Connection: upgrade, close\r\n",
                                           "Upgrade: h2c\r\n",
                                           std::string(9000, 'a'),
                                           " ",
                                           "\t",
                                           "?",
                                           "#",
                                           "&since=",
                                           "Last-Event-ID: one-99999\r\n"};
  std::mt19937_64 random(7);  // NOLINT(bugprone-random-generator-seed): the same every time
  const auto below = [&](size_t end) { return static_cast<size_t>(random() % end); };
  for (int64_t i = 0; i < requests; ++i) {
    std::string bytes =
        below(2) == 0 ? head(below(2) == 0 ? "GET /" : "GET /events?since=one-0")
                      : fmt::format("GET /?token=x HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", port());
    for (size_t changes = 1 + below(4); changes > 0 && !bytes.empty(); --changes) {
      const size_t at = below(bytes.size());
      switch (below(4)) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes.insert(at, pieces[below(pieces.size())]);
          break;
        case 2:
          bytes.erase(at, 1 + below(8));
          break;
        default:
          bytes.resize(at);
      }
    }
    const std::string answer = ask(bytes);
    EXPECT_TRUE(answer.empty() || answer.starts_with("HTTP/1.1 ")) << answer.substr(0, 99);
    EXPECT_THAT(answer, Not(HasSubstr(directory_.path().string())));
    EXPECT_THAT(answer, Not(HasSubstr(kServerSecret)));
    if (HasFailure()) FAIL() << "request " << i << ": " << bytes;
  }
  EXPECT_THAT(ask(head("HEAD /")), StartsWith("HTTP/1.1 200 "));
}

}  // namespace
}  // namespace reformer::test
