#include "reformer/base/error.h"
#include "reformer/base/random.h"
#include "reformer/task/words.h"

namespace reformer {
namespace {

// Whether validation owns this word. Depends on the content alone, so that the two kinds of rows
// are apart for every seed, and models of different seeds can be compared on words none has seen.
bool reserved_for_validation(std::span<const int32_t> word) {
  uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  for (const int32_t symbol : word) hash = (hash ^ static_cast<uint64_t>(symbol)) * 0x100000001b3u;
  // Its upper bits hardly depend on the last symbols; one more multiplication spreads them.
  hash = (hash ^ (hash >> 32)) * 0x9e3779b97f4a7c15u;
  return hash >> 60 == 0;
}

class PhiloxWords final : public WordSource {
 public:
  explicit PhiloxWords(const WordConfig& config) : config_(config) {}

  void training_word(int64_t row, std::span<int32_t> word) const override {
    draw(Purpose::data, false, row, word);
  }

  void validation_word(int64_t row, std::span<int32_t> word) const override {
    if (config_.validation_repeats_training) return training_word(row, word);
    draw(Purpose::validation_data, true, row, word);
  }

 private:
  void draw(Purpose purpose, bool reserved, int64_t row, std::span<int32_t> word) const {
    REFORMER_CHECK(row >= 0 && static_cast<int64_t>(word.size()) == config_.length);
    StreamKey key{.seed = config_.seed, .purpose = purpose, .step = static_cast<uint64_t>(row)};
    do {
      const RandomStream stream(key);
      for (size_t i = 0; i < word.size(); ++i) {
        word[i] = 1 + static_cast<int32_t>(stream.below(i, static_cast<uint32_t>(config_.symbols)));
      }
      ++key.round;  // the next attempt
    } while (reserved_for_validation(word) != reserved);
  }

  WordConfig config_;
};

}  // namespace

std::unique_ptr<WordSource> philox_words(const WordConfig& config) {
  // With these many symbols both kinds of words exist at every length.
  REFORMER_CHECK(config.length >= 1 && config.symbols >= 126);
  return std::make_unique<PhiloxWords>(config);
}

}  // namespace reformer
