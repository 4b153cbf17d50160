#include "reformer/base/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reformer/base/error.h"

namespace reformer {
namespace {

using testing::HasSubstr;

std::string refusal(std::string_view text) {
  try {
    parse_json(text, "c.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Json, ReadsWhatTheLibraryReads) {
  const std::string text = R"({"a":[1,-2,0.5,true,null,"é"],"b":{"a":{}}})";
  EXPECT_EQ(parse_json(text, "c.json"), nlohmann::json::parse(text));
}

TEST(Json, ErrorsNameLineAndColumn) {
  EXPECT_EQ(refusal("{\"a\": 1,\n  b}"),
            "[c.json] expected JSON, found an error at line 2, column 3: invalid literal");
  EXPECT_THAT(refusal(""), HasSubstr("line 1, column 1"));
  EXPECT_THAT(refusal("{} x"), HasSubstr("line 1, column 4"));
  EXPECT_THAT(refusal("[1e999]"), HasSubstr("beyond the range of double"));
  EXPECT_THAT(refusal("\"\xff\""), HasSubstr("UTF-8"));
}

TEST(Json, DoesNotQuoteTheTextUnescaped) {
  const std::string message = refusal("[\x1b[31m" + std::string(100000, 'x') + "]");
  EXPECT_EQ(message.find('\x1b'), std::string::npos);
  EXPECT_LT(message.size(), 200u);
}

TEST(Json, RefusesDuplicateKeys) {
  EXPECT_THAT(refusal(R"({"a":1,"a":1})"), HasSubstr("found \"a\" twice"));
  EXPECT_THAT(refusal(R"({"a":1,"\u0061":2})"), HasSubstr("found \"a\" twice"));
  EXPECT_THAT(refusal(R"([{"b":{"c":1,"c":2}}])"), HasSubstr("found \"c\" twice"));
  EXPECT_EQ(refusal(R"({"a":{"a":1},"b":{"a":1}})"), "accepted");
}

TEST(Json, RefusesTextBehindAByteZero) {
  EXPECT_THAT(refusal(std::string_view("{}\0{}", 5)), HasSubstr("byte 0 at line 1, column 3"));
}

TEST(Json, LimitsDepth) {
  EXPECT_EQ(refusal(std::string(kMaxJsonDepth, '[') + std::string(kMaxJsonDepth, ']')), "accepted");
  EXPECT_THAT(refusal(std::string(1000000, '[')), HasSubstr("nested levels"));
}

TEST(Json, QuotesAndDescribes) {
  EXPECT_EQ(quote_text("a\"\n\x1b\x7f"), R"("a\"\n\u001b\u007f")");
  EXPECT_LT(quote_text(std::string(1000, 'x')).size(), 100u);
  EXPECT_EQ(describe(nlohmann::json::parse("{\"a\":[]}")), "an object");
  EXPECT_EQ(describe(0.5), "0.5");
  EXPECT_EQ(describe(nullptr), "null");
}

}  // namespace
}  // namespace reformer
