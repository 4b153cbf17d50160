#include "reformer/base/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "reformer/base/error.h"

namespace reformer {
namespace {

enum class Colour { red, dark_blue };

}  // namespace

template <>
struct EnumNames<Colour> {
  static constexpr std::pair<Colour, std::string_view> names[] = {{Colour::red, "red"},
                                                                  {Colour::dark_blue, "dark-blue"}};
};

namespace {

using nlohmann::json;
using testing::HasSubstr;

struct Sample {
  int64_t count = 3;
  int64_t any = -1;
  double rate = 0.5;
  double free = 0;
  bool causal = true;
  std::string label = "x";
  Colour colour = Colour::red;
  bool operator==(const Sample&) const = default;

  template <class Visitor>
  void visit(Visitor&& v) {
    v("count", count, between(1, 10), "how many");
    v("any", any, "any integer");
    v("rate", rate, at_least(0), "how fast");
    v("free", free, "any number");
    v("causal", causal, "whether");
    v("label", label, "what");
    v("colour", colour, "which");
  }
};

// The message of the Error that reading `object` into a sample throws; the sample must not change.
std::string refusal(const json& object) {
  Sample sample;
  try {
    settings_from_json(settings_of(sample), object, "c.json");
  } catch (const Error& error) {
    EXPECT_EQ(sample, Sample{}) << object;
    return error.what();
  }
  return "accepted";
}

TEST(Settings, DescribesFieldsInOrderOfDeclaration) {
  Sample sample;
  const std::vector<Setting> settings = settings_of(sample);
  ASSERT_EQ(settings.size(), 7u);
  EXPECT_EQ(settings[0].name, "count");
  EXPECT_EQ(settings[0].help, "how many");
  EXPECT_EQ(settings[0].type, "integer");
  EXPECT_EQ(settings[0].range.high, 10);
  EXPECT_EQ(settings[2].type, "number");
  EXPECT_EQ(settings[4].type, "true|false");
  EXPECT_EQ(settings[5].type, "text");
  EXPECT_EQ(settings[6].type, "red|dark-blue");
  EXPECT_EQ(settings[6].choices, (std::vector<std::string>{"red", "dark-blue"}));
}

TEST(Settings, JsonRoundTrip) {
  Sample sample{
      7, std::numeric_limits<int64_t>::min(), 1e-300, -0.1, false, "é", Colour::dark_blue};
  const nlohmann::ordered_json object = settings_to_json(settings_of(sample));
  EXPECT_EQ(object.dump(), R"({"count":7,"any":-9223372036854775808,"rate":1e-300,"free":-0.1,)"
                           R"("causal":false,"label":"é","colour":"dark-blue"})");
  Sample copy;
  settings_from_json(settings_of(copy), json::parse(object.dump()), "c.json");
  EXPECT_EQ(copy, sample);
}

TEST(Settings, AbsentKeysKeepTheirValue) {
  Sample sample;
  sample.label = "kept";
  settings_from_json(settings_of(sample), json::parse(R"({"count": 10, "rate": 2})"), "c.json");
  EXPECT_EQ(sample.label, "kept");
  EXPECT_EQ(sample.count, 10);
  EXPECT_EQ(sample.rate, 2);
}

TEST(Settings, IntegersAreExact) {
  for (const char* text :
       {R"("5")", "3.0", "1e1", "true", "null", "[3]", "{}", "-9223372036854775809"}) {
    EXPECT_THAT(refusal({{"any", json::parse(text)}}), HasSubstr("expected an integer, found "))
        << text;
  }
  for (const char* text : {"9223372036854775808", "18446744073709551615"}) {
    EXPECT_THAT(refusal({{"any", json::parse(text)}}),
                HasSubstr("expected an integer (below 2^63), found "))
        << text;
  }
  for (const int64_t value : {std::numeric_limits<int64_t>::min(), int64_t{9007199254740993},
                              std::numeric_limits<int64_t>::max()}) {
    Sample sample;
    settings_from_json(settings_of(sample), {{"any", value}}, "c.json");
    EXPECT_EQ(sample.any, value);
  }
}

TEST(Settings, ErrorsNamePlaceRangeAndValue) {
  EXPECT_EQ(refusal({{"count", 0}}), "[c.json: count] expected an integer from 1 to 10, found 0");
  EXPECT_EQ(refusal({{"count", 11}}), "[c.json: count] expected an integer from 1 to 10, found 11");
  EXPECT_EQ(refusal({{"rate", -1}}), "[c.json: rate] expected a number of at least 0, found -1");
  EXPECT_EQ(refusal({{"rate", "fast"}}),
            "[c.json: rate] expected a number of at least 0, found \"fast\"");
  EXPECT_EQ(refusal({{"causal", 1}}), "[c.json: causal] expected true or false, found 1");
  EXPECT_EQ(refusal({{"label", 1}}), "[c.json: label] expected text, found 1");
  EXPECT_EQ(refusal({{"colour", 1}}), "[c.json: colour] expected one of red|dark-blue, found 1");
  EXPECT_EQ(refusal({{"colour", "dark-blu"}}),
            "[c.json: colour] expected one of red|dark-blue, found \"dark-blu\"; did you mean "
            "'dark-blue'?");
  EXPECT_EQ(refusal(json::array()), "[c.json] expected an object, found a list");
}

TEST(Settings, NumbersAreFinite) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double value : {infinity, -infinity, std::nan("")}) {
    EXPECT_THAT(refusal({{"free", value}}), HasSubstr("expected a number, found "));
  }
}

TEST(Settings, TextIsUtf8) {
  EXPECT_THAT(refusal({{"label", "\xff"}}), HasSubstr("expected text in UTF-8"));
}

TEST(Settings, UnknownKeySuggestsTheNearest) {
  EXPECT_EQ(refusal({{"colr", "red"}}), "[c.json] unknown key \"colr\"; did you mean 'colour'?");
  EXPECT_THAT(refusal({{"\x1b[31mzzzzzzzzzzzzzzzz", 1}}),
              HasSubstr(R"(unknown key "\u001b[31mzzzzzzzzzzzzzzzz")"));
  EXPECT_LT(refusal({{std::string(1 << 22, 'q'), 1}}).size(), 400u);
}

TEST(Settings, AllOrNothing) {
  // The keys come in alphabetical order: the fault is in the last.
  EXPECT_THAT(refusal({{"any", 4}, {"count", 5}, {"rate", -1}}), HasSubstr("c.json: rate"));
  EXPECT_THAT(refusal({{"any", 4}, {"zzz", 1}}), HasSubstr("unknown key"));
}

// `text` given to the flag of the setting `name`; the message, or the new value as JSON.
std::string from_flag(const std::string& name, std::string_view text) {
  Sample sample;
  for (const Setting& setting : settings_of(sample)) {
    if (setting.name != name) continue;
    try {
      set_from_text(setting, text, "--" + name);
    } catch (const Error& error) {
      EXPECT_EQ(sample, Sample{});
      return error.what();
    }
    return setting.get().dump();
  }
  return "no such setting";
}

TEST(Settings, FlagsReadTheirType) {
  EXPECT_EQ(from_flag("count", "7"), "7");
  EXPECT_EQ(from_flag("any", "-12"), "-12");
  EXPECT_EQ(from_flag("rate", "1e-3"), "0.001");
  EXPECT_EQ(from_flag("rate", ".5"), "0.5");
  EXPECT_EQ(from_flag("causal", "false"), "false");
  EXPECT_EQ(from_flag("label", "7"), "\"7\"");
  EXPECT_EQ(from_flag("label", ""), "\"\"");
  EXPECT_EQ(from_flag("colour", "dark-blue"), "\"dark-blue\"");
}

TEST(Settings, FlagsRefuseWhatIsNoSuchValue) {
  for (const char* text :
       {"", " 7", "7 ", "7.0", "1e1", "+7", "0x7", "seven", "99999999999999999999"}) {
    EXPECT_THAT(from_flag("any", text), HasSubstr("[--any] expected an integer, found \"")) << text;
  }
  for (const char* text : {"", "1e999", "1,5", "0.5x", "nan", "inf", "-inf"}) {
    EXPECT_THAT(from_flag("free", text), HasSubstr("[--free] expected a number, found ")) << text;
  }
  EXPECT_THAT(from_flag("causal", "yes"), HasSubstr("expected true or false, found \"yes\""));
  EXPECT_THAT(from_flag("count", "11"), HasSubstr("an integer from 1 to 10, found 11"));
  EXPECT_THAT(from_flag("colour", "Red"), HasSubstr("did you mean 'red'?"));
}

}  // namespace
}  // namespace reformer
