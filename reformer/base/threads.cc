#include "reformer/base/threads.h"

#ifdef __linux__
#include <sched.h>
#endif

#include <algorithm>
#include <utility>

#include "reformer/base/error.h"

namespace reformer {

int hardware_threads() {
#ifdef __linux__
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
    return std::max(1, CPU_COUNT(&allowed));
  }
#endif
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

ThreadPool::ThreadPool(int threads) {
  REFORMER_CHECK(threads >= 1);
  try {
    for (int worker = 1; worker < threads; ++worker) {
      threads_.emplace_back([this, worker] { serve(worker); });
    }
  } catch (...) {  // the system may refuse a thread; those that started must still be joined
    stop();
    throw;
  }
}

ThreadPool::~ThreadPool() { stop(); }

void ThreadPool::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  start_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ThreadPool::run(int64_t count, const Task& task) {
  if (running_.exchange(true))
    throw std::logic_error("ThreadPool::run: the pool is already running");
  {
    std::lock_guard lock(mutex_);
    task_ = &task;
    count_ = count;
    next_ = 0;
    busy_ = static_cast<int>(threads_.size());
    ++generation_;
  }
  start_.notify_all();
  take_indices(0);
  std::exception_ptr failure;
  {
    std::unique_lock lock(mutex_);
    finished_.wait(lock, [this] { return busy_ == 0; });
    failure = std::exchange(failure_, nullptr);
  }
  running_ = false;
  if (failure) std::rethrow_exception(failure);
}

void ThreadPool::serve(int worker) {
  int64_t served = 0;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      start_.wait(lock, [&] { return stopping_ || generation_ != served; });
      if (stopping_) return;
      served = generation_;
    }
    take_indices(worker);
    std::lock_guard lock(mutex_);
    if (--busy_ == 0) finished_.notify_one();
  }
}

// count_ and task_ are read without the lock: they are written before the workers wake and not
// again before all have finished.
void ThreadPool::take_indices(int worker) {
  for (int64_t index; (index = next_.fetch_add(1)) < count_;) {
    try {
      (*task_)(index, worker);
    } catch (...) {
      std::lock_guard lock(mutex_);
      // Every lower index has been started already and will be heard, so the lowest is well
      // defined.
      if (!failure_ || index < failed_index_) {
        failed_index_ = index;
        failure_ = std::current_exception();
      }
      next_ = count_;
    }
  }
}

}  // namespace reformer
