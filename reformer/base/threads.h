// A fixed team of threads that works through numbered tasks.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace reformer {

// Processors this process may use (its affinity mask, not the machine's size); at least 1.
int hardware_threads();

class ThreadPool {
 public:
  using Task = std::function<void(int64_t index, int worker)>;

  // threads >= 1, the calling thread included: threads - 1 are started.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int size() const { return static_cast<int>(threads_.size()) + 1; }

  // Calls task(index, worker) once for every index in [0, count), and returns when all are done.
  // Indices are handed out in increasing order to whoever is free, so a result must not depend on
  // `worker` (in [0, size()), the caller is 0), which only names scratch space.
  // When tasks throw, no further index is started and the exception of the lowest index is
  // rethrown: the same one for any number of threads. The pool stays usable. Running a pool that is
  // already running - from its own task or another thread - is a logic_error.
  void run(int64_t count, const Task& task);

 private:
  void serve(int worker);
  void take_indices(int worker);
  void stop();

  std::vector<std::thread> threads_;
  std::atomic<bool> running_{false};
  std::atomic<int64_t> next_{0};

  std::mutex mutex_;  // guards what follows
  std::condition_variable start_, finished_;
  int64_t generation_ = 0;  // of run(), so that a worker serves each once
  int busy_ = 0;            // started threads still at work
  bool stopping_ = false;
  int64_t count_ = 0;
  const Task* task_ = nullptr;
  int64_t failed_index_ = 0;
  std::exception_ptr failure_;
};

}  // namespace reformer
