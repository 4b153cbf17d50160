#include "reformer/run/event_file.h"

#include <bit>

#include "reformer/run/crc32c.h"

namespace reformer {
namespace {

// Keys of fields: 8 * number + wire type (0 varint, 1 eight bytes, 2 length and bytes, 5 four
// bytes).
enum Key : uint8_t {
  kEventWallTime = 8 * 1 + 1,
  kEventStep = 8 * 2 + 0,
  kEventFileVersion = 8 * 3 + 2,
  kEventSummary = 8 * 5 + 2,
  kSummaryValue = 8 * 1 + 2,
  kValueTag = 8 * 1 + 2,
  kValueSimpleValue = 8 * 2 + 5,
};

// Little-endian on any machine.
template <class Unsigned>
void put_fixed(std::string& out, Unsigned value) {
  for (size_t i = 0; i < sizeof value; ++i) out += static_cast<char>(value >> 8 * i & 0xff);
}

void put_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value % 0x80 + 0x80);
  out += static_cast<char>(value);
}

void put_bytes(std::string& out, Key key, std::string_view bytes) {
  out += static_cast<char>(key);
  put_varint(out, bytes.size());
  out += bytes;
}

std::string event_at(double unix_seconds) {
  std::string event(1, static_cast<char>(kEventWallTime));
  put_fixed(event, std::bit_cast<uint64_t>(unix_seconds));
  return event;
}

// A checksum of bytes that hold checksums tells little, so that TensorFlow turns it.
uint32_t masked_crc(std::string_view bytes) { return std::rotr(crc32c(bytes), 15) + 0xa282ead8; }

}  // namespace

EventFile::EventFile(double unix_seconds) {
  std::string event = event_at(unix_seconds);
  put_bytes(event, kEventFileVersion, "brain.Event:2");
  add_record(event);
}

void EventFile::add_scalar(double unix_seconds, int64_t step, std::string_view tag, float value) {
  std::string scalar;
  put_bytes(scalar, kValueTag, tag);
  scalar += static_cast<char>(kValueSimpleValue);
  put_fixed(scalar, std::bit_cast<uint32_t>(value));
  std::string summary;
  put_bytes(summary, kSummaryValue, scalar);
  std::string event = event_at(unix_seconds);
  event += static_cast<char>(kEventStep);
  put_varint(event, static_cast<uint64_t>(step));
  put_bytes(event, kEventSummary, summary);
  add_record(event);
}

void EventFile::add_record(std::string_view event) {
  std::string length;
  put_fixed(length, uint64_t{event.size()});
  bytes_ += length;
  put_fixed(bytes_, masked_crc(length));
  bytes_ += event;
  put_fixed(bytes_, masked_crc(event));
}

}  // namespace reformer
