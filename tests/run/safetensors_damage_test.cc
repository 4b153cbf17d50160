#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reformer/base/error.h"
#include "reformer/run/safetensors.h"
#include "tests/run/raw_file.h"

namespace reformer {
namespace {

using testing::HasSubstr;

// The message of the Error that reading `file` throws.
std::string refusal(std::string_view file) {
  try {
    parse_safetensors(file, "file");
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::StartsWith("[file] "));
    EXPECT_LT(std::string_view(error.what()).size(), 500u);
    return error.what();
  }
  return "accepted";
}

std::string sample() {
  return encode_safetensors({{{"config", R"({"a":1})"}},
                             {{"scale", "F32", {}, "abcd"},
                              {"empty", "F32", {0, 2}, ""},
                              {"codes", "U8", {5}, "12345"}}});
}

TEST(SafetensorsDamage, EveryTruncationIsRefused) {
  const std::string file = sample();
  ASSERT_EQ(refusal(file), "accepted");
  for (size_t length = 0; length < file.size(); ++length) {
    EXPECT_NE(refusal(std::string_view(file).substr(0, length)), "accepted") << length;
  }
}

TEST(SafetensorsDamage, EveryBitFlipIsRefused) {
  const std::string file = sample();
  // A file without a checksum is a valid file: damage to the key itself is found by load_model.
  const size_t key = file.find("xxh3");
  for (size_t bit = 0; bit < 8 * file.size(); ++bit) {
    if (bit / 8 >= key && bit / 8 < key + 4) continue;
    std::string damaged = file;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_NE(refusal(damaged), "accepted") << "byte " << bit / 8 << ", bit " << bit % 8;
  }
}

TEST(SafetensorsDamage, TableLengthIsChecked) {
  EXPECT_THAT(refusal(raw_file("{}", "", 0)), HasSubstr("starts with '{', found no table"));
  EXPECT_THAT(refusal(raw_file("{}", "", 3)), HasSubstr("table of 3 bytes, found 2 bytes"));
  EXPECT_THAT(refusal(raw_file("{}", "", 100'000'001)), HasSubstr("at most 100000000 bytes"));
  EXPECT_THAT(refusal(raw_file("{}", "", uint64_t{0} - 8)), HasSubstr("at most 100000000 bytes"));
  EXPECT_THAT(refusal("\x1f\x8b"), HasSubstr("at least 8 bytes, found 2"));
  EXPECT_THAT(refusal(raw_file("{}", "z")), HasSubstr("expected 0 bytes of data, found 1"));
  EXPECT_EQ(refusal(raw_file("{}", "")), "accepted");
  EXPECT_EQ(refusal(raw_file("{}  ", "")), "accepted");
}

// A table of one tensor "t" with the given fields, and 8 bytes of data.
std::string one(const std::string& fields) {
  return raw_file("{\"t\":{" + fields + "}}", "12345678");
}

std::string entry(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"("dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets;
}

struct BadTable {
  std::string file;
  std::string message;
};

class SafetensorsBadTable : public testing::TestWithParam<BadTable> {};

TEST_P(SafetensorsBadTable, IsRefusedWithAReason) {
  EXPECT_THAT(refusal(GetParam().file), HasSubstr(GetParam().message));
}

const std::string kGood = entry(R"("F32")", "[2]", "[0,8]");
const std::string kList = "expected a list of ";

INSTANTIATE_TEST_SUITE_P(
    Table, SafetensorsBadTable,
    testing::Values(
        BadTable{one(kGood), "accepted"},
        // The text.
        BadTable{raw_file(" {}", ""), "starts with '{', found \" \""},
        BadTable{raw_file("[]", ""), "starts with '{', found \"[\""},
        BadTable{raw_file("\x1f\x8b{}", ""), "starts with '{'"},
        BadTable{raw_file(std::string_view("{}\0\0", 4), ""), "byte 0 at offset 10"},
        BadTable{raw_file("{} x", ""), "line 1, column 4"},
        BadTable{raw_file("{\"\xff\":1}", ""), "UTF-8"},
        BadTable{raw_file("{}{}", ""), "line 1, column 3"},
        BadTable{raw_file("{", ""), "unexpected end of input"},
        BadTable{raw_file("{/**/}", ""), "expected a table in JSON"},
        // Repeated keys: readers differ in which they take.
        BadTable{raw_file("{\"t\":{" + kGood + "},\"t\":{" + kGood + "}}", "12345678"),
                 "found \"t\" twice"},
        BadTable{raw_file("{\"t\":{" + kGood + "},\"\\u0074\":{" + kGood + "}}", "12345678"),
                 "found \"t\" twice"},
        BadTable{one(kGood + R"(,"dtype":"F32")"), "found \"dtype\" twice"},
        BadTable{raw_file(R"({"__metadata__":{},"__metadata__":{}})", ""),
                 "found \"__metadata__\" twice"},
        BadTable{raw_file(R"({"__metadata__":{"a":"","a":""}})", ""), "found \"a\" twice"},
        // Fields.
        BadTable{one(R"("dtype":"F32","shape":[2])"), "found only dtype, shape"},
        BadTable{one(kGood + R"(,"more":1)"), "unknown key \"more\""},
        BadTable{raw_file(R"({"t":[]})", ""), "key \"t\": expected an object, found a list"},
        BadTable{raw_file(R"({"t":1})", ""), "key \"t\": expected an object, found a number"},
        BadTable{raw_file(R"({"__metadata__":{"a":1}})", ""),
                 "metadata \"a\": expected text, found a number"},
        BadTable{raw_file(R"({"__metadata__":{"a":{}}})", ""), "expected text, found an object"},
        BadTable{raw_file(R"({"__metadata__":null})", ""), "expected an object, found null"},
        BadTable{one(entry("1", "[2]", "[0,8]")), "dtype: expected text, found a number"},
        BadTable{one(entry(R"("F33")", "[2]", "[0,8]")), "unknown dtype \"F33\""},
        BadTable{one(entry(R"("f32")", "[2]", "[0,8]")), "unknown dtype \"f32\""},
        BadTable{one(entry(R"("F32")", "2", "[0,8]")), kList},
        BadTable{one(entry(R"("F32")", "[[2]]", "[0,8]")), kList},
        BadTable{one(entry(R"("F32")", "[2]", "[0,8,8]")), kList + "2"},
        BadTable{one(entry(R"("F32")", "[2]", "[0]")), kList + "2"},
        BadTable{one(entry(R"("F32")", "[2]", "{}")), kList + "2"},
        // Integers.
        BadTable{one(entry(R"("F32")", "[-2]", "[0,8]")), "found -2"},
        BadTable{one(entry(R"("F32")", "[-0]", "[0,8]")), "found 0"},
        BadTable{one(entry(R"("F32")", "[2.0]", "[0,8]")), "found \"2.0\""},
        BadTable{one(entry(R"("F32")", "[2e0]", "[0,8]")), "found \"2e0\""},
        BadTable{one(entry(R"("F32")", R"(["2"])", "[0,8]")), "found text"},
        BadTable{one(entry(R"("F32")", "[true]", "[0,8]")), "found true"},
        BadTable{one(entry(R"("F32")", "[2]", "[-8,0]")), "found -8"},
        BadTable{one(entry(R"("F32")", "[281474976710656]", "[0,8]")), "found 281474976710656"},
        BadTable{one(entry(R"("F32")", "[18446744073709551618]", "[0,8]")), kList},
        BadTable{one(entry(R"("F32")", "[1e999]", "[0,8]")), "beyond the range of double"},
        // Sizes: 2^32 * 2^32 * 4 bytes is 0 in 64 bits.
        BadTable{one(entry(R"("F32")", "[4294967296,4294967296]", "[0,8]")),
                 "at most 2^48 - 1 elements"},
        BadTable{one(entry(R"("F32")", "[4294967296,4294967296,0]", "[0,8]")),
                 "at most 2^48 - 1 elements"},
        BadTable{one(entry(R"("F32")", "[3]", "[0,8]")), "expected 12 bytes"},
        BadTable{one(entry(R"("F64")", "[]", "[0,7]")), "expected 8 bytes"},
        BadTable{one(entry(R"("F4")", "[3]", "[0,8]")), "whole bytes, found 3 elements of 4 bits"},
        BadTable{one(entry(R"("F4")", "[16]", "[0,8]")), "accepted"},
        // Places.
        BadTable{one(entry(R"("U8")", "[7]", "[1,8]")), "offset 0, found 1 (hole)"},
        BadTable{one(entry(R"("U8")", "[7]", "[0,7]")), "expected 7 bytes of data, found 8"},
        BadTable{one(entry(R"("U8")", "[9]", "[0,9]")), "the file is truncated"},
        BadTable{one(entry(R"("U8")", "[8]", "[8,0]")), "(hole)"},
        BadTable{one(kGood + "},\"u\":{" + kGood), "offset 8, found 0 (overlap)"},
        BadTable{one(kGood + "},\"u\":{" + entry(R"("U8")", "[0]", "[4,4]")), "(overlap)"},
        BadTable{one(kGood + "},\"u\":{" + entry(R"("U8")", "[0]", "[0,0]")), "accepted"},
        BadTable{one(kGood + "},\"u\":{" + entry(R"("U8")", "[0]", "[8,8]")), "accepted"},
        // The checksum.
        BadTable{raw_file(R"({"__metadata__":{"xxh3":"12"}})", ""), "expected a checksum"},
        BadTable{raw_file(R"({"__metadata__":{"xxh3" :"0123456789abcdef"}})", ""),
                 "expected a checksum"},
        BadTable{raw_file(R"({"__metadata__":{"xxh3":"0123456789abcdef"}})", ""),
                 "expected checksum \"0123456789abcdef\", found"},
        BadTable{raw_file(R"({"__metadata__":{"\u0078xh3":"0123456789abcdef"}})", ""),
                 "expected a checksum"}));

TEST(SafetensorsDamage, NestingIsRefusedAtOnce) {
  const std::string bomb(10'000'000, '[');
  EXPECT_THAT(refusal(raw_file("{\"a\":" + bomb, "")), HasSubstr("found a list"));
  std::string objects = "{";
  for (int i = 0; i < 1'000'000; ++i) objects += "\"a\":{";
  EXPECT_NE(refusal(raw_file(objects, "")), "accepted");
}

TEST(SafetensorsDamage, TablesAreLimited) {
  std::string tensors;
  size_t allowed = 0;
  for (size_t i = 0; i <= kMaxTensors; ++i) {
    allowed = tensors.size();
    tensors += (i == 0 ? "{\"" : ",\"") + std::to_string(i) + "\":{" +
               entry(R"("U8")", "[0]", "[0,0]") + "}";
  }
  EXPECT_EQ(refusal(raw_file(tensors.substr(0, allowed) + "}", "")), "accepted");
  EXPECT_THAT(refusal(raw_file(tensors + "}", "")), HasSubstr("at most 100000 tensors"));

  std::string metadata = R"({"__metadata__":{"":"")";
  for (size_t i = 0; i < kMaxMetadata; ++i) metadata += ",\"" + std::to_string(i) + "\":\"\"";
  EXPECT_THAT(refusal(raw_file(metadata + "}}", "")), HasSubstr("at most 10000 metadata entries"));

  std::string shape = "[0";
  for (size_t i = 0; i < kMaxRank; ++i) shape += ",1";
  EXPECT_THAT(refusal(one(entry(R"("U8")", shape + "]", "[0,0]"))), HasSubstr("more dimensions"));
}

TEST(SafetensorsDamage, MessagesAreShortAndCarryNoControlCharacters) {
  const std::string name = "\\u001b[31m" + std::string(100'000, 'n');
  const std::string message = refusal(raw_file("{\"" + name + "\":1}", ""));
  EXPECT_EQ(message.find('\x1b'), std::string::npos);
  EXPECT_THAT(message, HasSubstr("\"\\u001b[31mnnn"));
}

}  // namespace
}  // namespace reformer
