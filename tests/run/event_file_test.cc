// The bytes of TensorBoard's files. Expected ones were written down from the definition of the
// format and its messages, and crc32c values from RFC 3720.
#include "reformer/run/event_file.h"

#include <gtest/gtest.h>

#include "reformer/run/crc32c.h"

namespace reformer::test {
namespace {

TEST(Crc32c, OfTheExamplesOfTheStandard) {
  EXPECT_EQ(crc32c(""), 0u);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  std::string ascending;
  for (int i = 0; i < 32; ++i) ascending += static_cast<char>(i);
  EXPECT_EQ(crc32c(ascending), 0x46dd794eu);
}

std::string bytes_of(std::string_view hex) {
  std::string out;
  for (size_t i = 0; i < hex.size(); i += 2) {
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return out;
}

uint32_t fixed32_at(const std::string& bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value |= uint32_t{static_cast<uint8_t>(bytes[at + i])} << 8 * i;
  return value;
}

uint32_t unmasked(uint32_t masked) {
  const uint32_t turned = masked - 0xa282ead8;
  return turned << 15 | turned >> 17;
}

TEST(EventFile, IsByteForByteWhatTensorFlowWrites) {
  EventFile file(1.5);
  file.add_scalar(2.5, 300, "a/b", 0.25f);
  const std::string version = bytes_of("09000000000000f83f") + "\x1a\x0d" + "brain.Event:2";
  const std::string scalar = bytes_of(
                                 "090000000000000440"
                                 "10ac02"
                                 "2a0c"
                                 "0a0a"
                                 "0a03") +
                             "a/b" +
                             bytes_of(
                                 "15"
                                 "0000803e");
  const std::string& bytes = file.bytes();
  size_t at = 0;
  for (const std::string& event : {version, scalar}) {
    EXPECT_EQ(fixed32_at(bytes, at), event.size());
    EXPECT_EQ(fixed32_at(bytes, at + 4), 0u);
    EXPECT_EQ(unmasked(fixed32_at(bytes, at + 8)), crc32c(bytes.substr(at, 8)));
    EXPECT_EQ(bytes.substr(at + 12, event.size()), event);
    EXPECT_EQ(unmasked(fixed32_at(bytes, at + 12 + event.size())), crc32c(event));
    at += 16 + event.size();
  }
  EXPECT_EQ(at, bytes.size());
  // The first header of any such file, with its checksum as TensorFlow masks it.
  EXPECT_EQ(bytes.substr(0, 12), bytes_of("1800000000000000a37f4b22"));
}

TEST(EventFile, HoldsAnyStep) {
  EventFile file(0);
  const size_t before = file.bytes().size();
  file.add_scalar(0, int64_t{1} << 62, "x", 0);
  EXPECT_NE(file.bytes().find(bytes_of("10808080808080808040"), before), std::string::npos);
}

}  // namespace
}  // namespace reformer::test
