#include "reformer/run/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstring>
#include <deque>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/run/dtype.h"
#include "tests/run/raw_file.h"

namespace reformer {
namespace {

using testing::HasSubstr;

std::vector<TensorView> by_name(std::vector<TensorView> tensors) {
  std::ranges::sort(tensors, {}, &TensorView::name);
  return tensors;
}

TEST(Safetensors, WritesTheBytesOfTheFormat) {
  const std::string_view wide("\1\2\3\4\5\6\7\10", 8);
  const TensorTable table{{{"k", "v"}}, {{"b", "U8", {3}, "xyz"}, {"a", "F32", {2, 1}, wide}}};
  const std::string file = encode_safetensors(table);
  const std::string header =
      R"({"__metadata__":{"k":"v","xxh3":"@"},"a":{"dtype":"F32","shape":[2,1],)"
      R"("data_offsets":[0,8]},"b":{"dtype":"U8","shape":[3],"data_offsets":[8,11]}})";
  uint64_t length = 0;
  std::memcpy(&length, file.data(), 8);
  EXPECT_EQ(length % 8, 0u);
  std::string text = file.substr(8, length);
  text.replace(text.find("\"xxh3\":\"") + 8, 16, "@");
  EXPECT_EQ(text.substr(0, header.size()), header);
  EXPECT_EQ(text.find_first_not_of(' ', header.size()), std::string::npos);
  EXPECT_EQ(file.substr(8 + length), std::string(wide) + "xyz");
}

RC_GTEST_PROP(Safetensors, RoundTrip, ()) {
  const auto dtypes = std::vector<std::string>{"BOOL", "F4", "U8", "BF16", "F32", "I64", "C64"};
  const auto letters = rc::gen::elementOf(std::string("ab\"\\\n.\x1b"));
  const auto text = rc::gen::container<std::string>(letters);
  std::deque<std::string> owner;  // growing it moves no string
  TensorTable table;
  table.metadata = *rc::gen::container<std::map<std::string, std::string>>(text, text);
  for (const std::string& name : *rc::gen::unique<std::vector<std::string>>(text)) {
    TensorView tensor{name, *rc::gen::elementOf(dtypes), {}, {}};
    tensor.shape = *rc::gen::container<std::vector<int64_t>>(rc::gen::inRange<int64_t>(0, 4));
    tensor.shape.resize(std::min<size_t>(tensor.shape.size(), 4));
    if (tensor.dtype == "F4") tensor.shape.push_back(2);
    int64_t bits = dtype_bits(tensor.dtype);
    for (const int64_t dim : tensor.shape) bits *= dim;
    owner.push_back(*rc::gen::container<std::string>(bits / 8, rc::gen::arbitrary<char>()));
    tensor.bytes = owner.back();
    table.tensors.push_back(tensor);
  }
  const std::string file = encode_safetensors(table);
  TensorTable copy = parse_safetensors(file, "copy");
  RC_ASSERT(copy.metadata.erase("xxh3") == 1u);
  RC_ASSERT(copy.metadata == table.metadata);
  RC_ASSERT(by_name(copy.tensors) == by_name(table.tensors));
  std::ranges::reverse(table.tensors);
  RC_ASSERT(encode_safetensors(table) == file);
}

TEST(Safetensors, WriterRefusesWhatNoFileCanHold) {
  const auto encode = [](std::vector<TensorView> tensors,
                         std::map<std::string, std::string> metadata = {}) {
    return encode_safetensors({std::move(metadata), std::move(tensors)});
  };
  EXPECT_NO_THROW(encode({{"a", "U8", {2}, "xy"}}));
  EXPECT_THROW(encode({{"a", "U8", {2}, "xyz"}}), std::logic_error);
  EXPECT_THROW(encode({{"a", "U9", {2}, "xy"}}), std::logic_error);
  EXPECT_THROW(encode({{"a", "U8", {-2}, "xy"}}), std::logic_error);
  EXPECT_THROW(encode({{"a", "U8", {2}, "xy"}, {"a", "U8", {2}, "xy"}}), std::logic_error);
  EXPECT_THROW(encode({{"__metadata__", "U8", {2}, "xy"}}), std::logic_error);
  EXPECT_THROW(encode({{"\xff", "U8", {2}, "xy"}}), std::logic_error);
  EXPECT_THROW(encode({}, {{"k", "\xff"}}), std::logic_error);
}

// The fixture was written by the Python package safetensors 0.8 from NumPy arrays.
TEST(Safetensors, ReadsAFileOfTheReferenceImplementation) {
  const std::string path = REFORMER_SOURCE_DIR "/tests/run/data/python.safetensors";
  const std::string file = read_file(path);
  const TensorTable table = parse_safetensors(file, path);
  EXPECT_EQ(table.metadata, (std::map<std::string, std::string>{{"format", "np"}, {"é", "\"\n"}}));

  std::map<std::string, TensorView> tensors;
  for (const TensorView& tensor : table.tensors) tensors[tensor.name] = tensor;
  ASSERT_EQ(tensors.size(), 5u);
  EXPECT_EQ(tensors["matrix"].dtype, "F32");
  EXPECT_EQ(tensors["matrix"].shape, (std::vector<int64_t>{2, 3}));
  const float values[6] = {0, 0.5, 1, 1.5, 2, 2.5};
  EXPECT_EQ(tensors["matrix"].bytes,
            std::string_view(reinterpret_cast<const char*>(values), sizeof(values)));
  EXPECT_EQ(tensors["scalar"].shape, std::vector<int64_t>{});
  const int64_t scalar = -7;
  EXPECT_EQ(tensors["scalar"].bytes,
            std::string_view(reinterpret_cast<const char*>(&scalar), sizeof(scalar)));
  EXPECT_EQ(tensors["empty"].shape, (std::vector<int64_t>{0, 4}));
  EXPECT_EQ(tensors["half"].dtype, "F16");
  EXPECT_EQ(tensors["flags"].bytes, std::string_view("\1\0\1", 3));
}

TEST(Safetensors, ReadsTensorsWithoutAlignmentOrChecksum) {
  const std::string file = raw_file(R"({"b":{"dtype":"F32","shape":[],"data_offsets":[1,5]},)"
                                    R"("a":{"shape":[1],"dtype":"U8","data_offsets":[0,1]}})",
                                    "xyyyy");
  const TensorTable table = parse_safetensors(file, "file");
  ASSERT_EQ(table.tensors.size(), 2u);
  EXPECT_EQ(table.tensors[0].bytes, "x");
  EXPECT_EQ(table.tensors[1].bytes, "yyyy");
}

TEST(Safetensors, DtypesHaveTheOrderOfTheReferenceWriter) {
  EXPECT_EQ(dtype_bits("F32"), 32);
  EXPECT_EQ(dtype_bits("F4"), 4);
  EXPECT_EQ(dtype_bits("f32"), 0);
  EXPECT_LT(dtype_order("BOOL"), dtype_order("F16"));
  EXPECT_LT(dtype_order("F32"), dtype_order("U64"));
}

TEST(Safetensors, ChecksumErrorNamesFileAndBothSums) {
  std::string file = encode_safetensors({{}, {{"a", "U8", {2}, "xy"}}});
  const std::string sum = file.substr(file.find("\"xxh3\":\"") + 8, 16);
  file.back() ^= 1;
  try {
    parse_safetensors(file, "m.safetensors");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(),
                testing::StartsWith("[m.safetensors] expected checksum \"" + sum + "\", found "));
  }
}

}  // namespace
}  // namespace reformer
