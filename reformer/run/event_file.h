// A file of TensorBoard's: records of TensorFlow, each a serialised `Event` message.
// Source: tensorflow/core/lib/io/record_writer.h and tensorflow/core/util/event.proto.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reformer {

class EventFile {
 public:
  // Begins with the record that names the version of the format, of that time.
  explicit EventFile(double unix_seconds);

  // One point of the curve `tag`. TensorBoard keeps values as float.
  void add_scalar(double unix_seconds, int64_t step, std::string_view tag, float value);

  // The whole file so far.
  const std::string& bytes() const { return bytes_; }

 private:
  void add_record(std::string_view event);

  std::string bytes_;
};

}  // namespace reformer
