// The last messages of a live report, numbered, for clients that come late or were away.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace reformer {

using SharedText = std::shared_ptr<const std::string>;

// One server-sent event: "id: <id>\nevent: <event>\ndata: <json>\n\n". json: one line.
SharedText event_text(std::string_view id, std::string_view event, std::string_view json);

// Numbers count from 1 without a gap. Old messages are forgotten beyond a number of bytes, so a
// client that does not read costs no memory: what it missed is gone, and it starts anew.
class MessageLog {
 public:
  explicit MessageLog(size_t most_bytes = 8 << 20) : most_bytes_(most_bytes) {}

  void add(SharedText message);

  // The number of the newest message; 0 before the first.
  int64_t newest() const { return first_ + static_cast<int64_t>(messages_.size()) - 1; }

  // Whether everything after message `number` is still here.
  bool reaches(int64_t number) const { return number >= first_ - 1 && number <= newest(); }

  // Message `number`; reaches(number - 1) must hold and number <= newest().
  const SharedText& at(int64_t number) const;

 private:
  size_t most_bytes_, bytes_ = 0;
  int64_t first_ = 1;
  std::deque<SharedText> messages_;
};

}  // namespace reformer
