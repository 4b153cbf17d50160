// One kernel as the benchmark sees it: data of its own, a call, and plain arithmetic to compare
// with.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reformer/base/threads.h"
#include "reformer/math/matrix.h"

namespace reformer {

// A kernel with its data, for one thread.
struct KernelCase {
  std::function<void()> run;
  // After `run`: the largest |difference| to plain arithmetic in double, as a part of what rounding
  // may do to that element. At most 1 when the kernel is right; see Worst.
  std::function<double()> deviation;
};

struct Kernel {
  std::string name;
  std::string shape;
  double operations = 0;  // of one call; 0 for kernels that are not about multiply-adds
  double bytes = 0;       // operands read once and results written once
  std::function<KernelCase()> make;
  std::string precision = "fp32";  // of the operands
};

struct KernelSpeed {
  std::string name, shape, precision;
  double operations = 0, bytes = 0;  // of one call
  double seconds = 0;                // of one call, while every thread makes such calls
  double operations_per_second = 0;  // of all threads together
  double bytes_per_second = 0;
};

struct KernelSpeeds {
  std::vector<KernelSpeed> kernels;
  double peak = 0;  // operations per second, measured in turn with them
};

// Throws std::logic_error that names the kernel when its result is not that of plain arithmetic.
void validate(const Kernel& kernel);

// Validates all, then measures them in turn; every thread works on data of its own.
KernelSpeeds measure_kernels(std::span<const Kernel> kernels, int64_t repeats, ThreadPool& pool);

// The largest deviation of several numbers from what they should be.
class Worst {
 public:
  // `bound` is what rounding may do. NaN, and a difference where none is allowed, is infinitely
  // wrong.
  void add(double actual, double expected, double bound);
  double deviation() const { return worst_; }

 private:
  double worst_ = 0;
};

// Rounding errors of float: the largest relative one of an operation.
inline constexpr double kRounding = 5.9604644775390625e-08;

// Standard normal numbers times `scale`, the same for the same `stream`.
Matrix random_matrix(int64_t rows, int64_t cols, uint64_t stream, float scale = 1);

}  // namespace reformer
