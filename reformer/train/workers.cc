#include "reformer/train/workers.h"

#include "reformer/base/team.h"
#include "reformer/model/sequence_pass.h"

namespace reformer {

Workers::Workers(const ModelConfig& config, ThreadPool& pool)
    : config_(config), pool_(pool), buffers_(static_cast<size_t>(pool.size())) {
  for (int i = 0; i < pool.size(); ++i) passes_.push_back(std::make_unique<SequencePass>(config));
}

Workers::~Workers() = default;

// When there are fewer sequences than threads, and each is long enough to be cut; or when each is
// so long that one for every thread would overflow the cache which threads have in common, and its
// parts still are so long that threads rarely wait for each other. The limit was found with two
// threads (docs/performance.md).
bool Workers::share(int64_t sequences) const {
  constexpr int64_t kRowsWorthACut = 64, kRowsWorthSharing = 4096;
  const int64_t rows_of_each = config_.length / pool_.size();
  return pool_.size() > 1 && ((sequences < pool_.size() && rows_of_each >= kRowsWorthACut) ||
                              rows_of_each >= kRowsWorthSharing);
}

void Workers::each(int64_t count, int64_t sequences, const Task& task) {
  if (!share(sequences)) {
    pool_.run(count, [&](int64_t i, int worker) {
      const auto own = static_cast<size_t>(worker);
      task(i, *passes_[own], buffers_[own]);
    });
    return;
  }
  if (!pass_of_all_) pass_of_all_ = std::make_unique<SequencePass>(config_, Team(pool_));
  for (int64_t i = 0; i < count; ++i) task(i, *pass_of_all_, buffers_[0]);
}

}  // namespace reformer
