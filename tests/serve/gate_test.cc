#include "reformer/serve/gate.h"

#include <gtest/gtest.h>

#include "reformer/serve/message_log.h"
#include "reformer/serve/picture_request.h"

namespace reformer::test {
namespace {

const std::string kSecret(32, 'a');
const std::string kToken(32, 'b');
const std::string kCookie = "reformer-8391=" + kSecret;

Gate gate() { return {{"127.0.0.1:8391", "localhost:8391"}, "reformer-8391", kSecret, kToken}; }

RequestHead request(std::string target,
                    std::vector<std::pair<std::string, std::string>> more = {}) {
  RequestHead head{"GET", std::move(target), {{"host", "127.0.0.1:8391"}, {"cookie", kCookie}}};
  head.fields.insert(head.fields.end(), more.begin(), more.end());
  return head;
}

int status_of(const RequestHead& head) {
  const auto admitted = gate().admit(head);
  const auto* refusal = std::get_if<Refusal>(&admitted);
  return refusal != nullptr ? refusal->status : 200;
}

TEST(Gate, LetsInWhoIsKnown) {
  EXPECT_EQ(status_of(request("/")), 200);
  EXPECT_EQ(status_of(request("/events?since=a-1")), 200);
  EXPECT_EQ(status_of(request("/attention?run=a")), 200);
  EXPECT_EQ(status_of(request("/", {{"origin", "http://localhost:8391"}})), 200);
  EXPECT_EQ(status_of(request("/", {{"sec-fetch-site", "same-origin"}})), 200);
  EXPECT_EQ(status_of(request("/", {{"cookie", "x=y;  " + kCookie}})), 200);
}

TEST(Gate, KnowsNoOtherPaths) {
  for (const char* target :
       {"/..", "/../etc/passwd", "/%2e%2e/", "//etc/passwd", "/events/", "/runs/a/run.db", "/.",
        "/events%00", "/?/../", "/index.html", "/EVENTS", "/events#a", "/\\..\\"}) {
    const int expected = std::string_view(target).starts_with("/?") ? 200 : 404;
    EXPECT_EQ(status_of(request(target)), expected) << target;
  }
  for (const char* target : {"", "*", "http://127.0.0.1:8391/", "events", "..", "C:\\"}) {
    EXPECT_EQ(status_of(request(target)), 400) << target;
  }
}

TEST(Gate, OnlyReads) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "TRACE", "get", ""}) {
    RequestHead head = request("/");
    head.method = method;
    EXPECT_EQ(status_of(head), 405) << method;
  }
  RequestHead head = request("/");
  head.method = "HEAD";
  EXPECT_EQ(status_of(head), 200);
  EXPECT_EQ(status_of(request("/", {{"content-length", "3"}})), 413);
  EXPECT_EQ(status_of(request("/", {{"content-length", "0"}, {"content-length", "3"}})), 413);
  EXPECT_EQ(status_of(request("/", {{"transfer-encoding", "chunked"}})), 413);
  EXPECT_EQ(status_of(request("/", {{"content-length", "0"}})), 200);
}

TEST(Gate, RefusesForeignNames) {
  for (const char* host : {"evil.com", "127.0.0.1", "127.0.0.1:80", "127.0.0.1.evil.com:8391",
                           "evil.com:8391", "127.0.0.1:8391.evil.com", "LOCALHOST:8391@evil.com",
                           "", " 127.0.0.1:8391", "2130706433"}) {
    RequestHead head = request("/");
    head.fields[0].second = host;
    EXPECT_EQ(status_of(head), 421) << host;
  }
  RequestHead without = request("/");
  without.fields.erase(without.fields.begin());
  EXPECT_EQ(status_of(without), 421);
  EXPECT_EQ(status_of(request("/", {{"host", "127.0.0.1:8391"}})), 421);  // two of them
}

TEST(Gate, RefusesOtherPages) {
  for (const char* origin : {"http://evil.com", "null", "https://127.0.0.1:8391", "",
                             "http://127.0.0.1", "http://127.0.0.1:8392", "file://"}) {
    EXPECT_EQ(status_of(request("/", {{"origin", origin}})), 403) << origin;
  }
  for (const char* site : {"cross-site", "same-site", "", "None"}) {
    EXPECT_EQ(status_of(request("/", {{"sec-fetch-site", site}})), 403) << site;
  }
}

TEST(Gate, AsksForAKey) {
  RequestHead head{"GET", "/", {{"host", "localhost:8391"}}};
  EXPECT_EQ(status_of(head), 403);
  for (const std::string& cookie :
       {std::string("reformer-8391="), "reformer-8391=" + std::string(32, 'c'),
        "reformer-8391=" + kSecret + "a", "reformer-8392=" + kSecret, kSecret, "=" + kSecret}) {
    RequestHead wrong = head;
    wrong.fields.emplace_back("cookie", cookie);
    EXPECT_EQ(status_of(wrong), 403) << cookie;
  }
  for (const std::string& target :
       {std::string("/?token="), std::string("/?token=abc"), "/?token=" + kSecret,
        "/?Token=" + kToken, "/events?token=" + kToken, "/?token=" + kToken + "x"}) {
    head.target = target;
    EXPECT_EQ(status_of(head), 403) << target;
  }
  // In no other place than the address.
  head.target = "/";
  head.fields.emplace_back("referer", "http://localhost:8391/?token=" + kToken);
  EXPECT_EQ(status_of(head), 403);
}

TEST(Gate, ATokenIsUsedOnce) {
  Gate once = gate();
  const RequestHead head{"GET", "/?token=" + kToken, {{"host", "localhost:8391"}}};
  const auto admitted = once.admit(head);
  ASSERT_TRUE(std::holds_alternative<Admission>(admitted));
  EXPECT_EQ(std::get<Admission>(admitted).kind, Admission::Kind::enter);
  once.replace_token(std::string(32, 'c'));
  EXPECT_TRUE(std::holds_alternative<Refusal>(once.admit(head)));
  // A link that is only looked at is not used up.
  RequestHead look = head;
  look.method = "HEAD";
  EXPECT_EQ(status_of(look), 403);
}

TEST(Gate, ComparesWholeSecrets) {
  EXPECT_TRUE(equal_secrets("abc", "abc"));
  EXPECT_FALSE(equal_secrets("abc", "abd"));
  EXPECT_FALSE(equal_secrets("abc", "Abc"));
  EXPECT_FALSE(equal_secrets("abc", "abcd"));
  EXPECT_TRUE(equal_secrets("", ""));
}

TEST(PictureRequest, IsReadWholeOrNotAtAll) {
  const PictureRequest request =
      picture_request("run=a%2fb%20c&sequence=12&layer=1&head=0").value();
  EXPECT_EQ(request.run, "a/b c");
  EXPECT_EQ(request.choice.sequence, 12);
  EXPECT_EQ(request.choice.layer, 1);
  for (const char* query :
       {"", "run=a", "run=&sequence=0&layer=0&head=0", "run=a&sequence=-1&layer=0&head=0",
        "run=a&sequence=&layer=0&head=0", "run=a&sequence=1e3&layer=0&head=0",
        "run=a&sequence=12345678901234567890&layer=0&head=0", "run=%&sequence=0&layer=0&head=0",
        "run=%g0&sequence=0&layer=0&head=0", "run=a%00&sequence=0&layer=0&head=0"}) {
    EXPECT_FALSE(picture_request(query)) << query;
  }
}

TEST(MessageLog, ForgetsWhatIsOld) {
  MessageLog log(100);
  EXPECT_EQ(log.newest(), 0);
  EXPECT_TRUE(log.reaches(0));
  for (int i = 0; i < 20; ++i) log.add(event_text("e", "rows", "0123456789"));
  EXPECT_EQ(log.newest(), 20);
  EXPECT_TRUE(log.reaches(20));
  EXPECT_TRUE(log.reaches(19));
  EXPECT_FALSE(log.reaches(0));
  EXPECT_FALSE(log.reaches(21));
  EXPECT_EQ(*log.at(20), "id: e\nevent: rows\ndata: 0123456789\n\n");
  EXPECT_ANY_THROW(log.at(1));
  EXPECT_ANY_THROW(event_text("e", "rows", "two\nlines"));
}

}  // namespace
}  // namespace reformer::test
