#include "reformer/serve/message_log.h"

#include <fmt/format.h>

#include "reformer/base/error.h"

namespace reformer {

SharedText event_text(std::string_view id, std::string_view event, std::string_view json) {
  REFORMER_CHECK(json.find_first_of("\r\n") == std::string_view::npos);
  return std::make_shared<const std::string>(
      fmt::format("id: {}\nevent: {}\ndata: {}\n\n", id, event, json));
}

void MessageLog::add(SharedText message) {
  bytes_ += message->size();
  messages_.push_back(std::move(message));
  while (messages_.size() > 1 && bytes_ > most_bytes_) {
    bytes_ -= messages_.front()->size();
    messages_.pop_front();
    ++first_;
  }
}

const SharedText& MessageLog::at(int64_t number) const {
  REFORMER_CHECK(number >= first_ && number <= newest());
  return messages_[static_cast<size_t>(number - first_)];
}

}  // namespace reformer
