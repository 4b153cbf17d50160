// The threads that share one piece of work which is too long for one of them.
#pragma once

#include <algorithm>
#include <cstdint>

#include "reformer/base/threads.h"

namespace reformer {

// A thread of its own, or a pool to itself. Work is cut where a cut changes no bit: rows that do
// not know of each other, or columns of a sum over rows.
class Team {
 public:
  Team() = default;
  explicit Team(ThreadPool& pool) : pool_(pool.size() > 1 ? &pool : nullptr) {}

  int size() const { return pool_ == nullptr ? 1 : pool_->size(); }

  // Calls task(index, worker) for every index in [0, count), see ThreadPool::run.
  template <class Task>
  void each(int64_t count, const Task& task) const {
    if (pool_ == nullptr) {
      for (int64_t i = 0; i < count; ++i) task(i, 0);
    } else {
      pool_->run(count, task);
    }
  }

  // Calls part(begin, end) for ranges that make up [0, count), `parts_of_each` for each thread:
  // with several none waits long for the others. All but the last have a length that `grain`
  // divides.
  template <class Part>
  void split(int64_t count, int64_t grain, int64_t parts_of_each, const Part& part) const {
    if (pool_ == nullptr || count <= grain) {
      part(int64_t{0}, count);
      return;
    }
    const int64_t grains = (count + grain - 1) / grain;
    const int64_t parts = std::min<int64_t>(grains, parts_of_each * size());
    pool_->run(parts, [&](int64_t i, int) {
      const int64_t begin = i * grains / parts * grain;
      part(begin, std::min(count, (i + 1) * grains / parts * grain));
    });
  }

 private:
  ThreadPool* pool_ = nullptr;
};

}  // namespace reformer
