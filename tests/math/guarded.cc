#include "tests/math/guarded.h"

#include <gtest/gtest.h>

#include <bit>
#include <string>

#include "reformer/base/random.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define REFORMER_ASAN
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define REFORMER_ASAN
#endif
#ifdef REFORMER_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace reformer {
namespace {

constexpr uint32_t kGuardBits = 0x7fc5a5a5;  // a quiet NaN
constexpr int64_t kMargin = 32;  // guards on either side, more than any vector has lanes
constexpr int64_t kLine = 16;    // floats in 64 bytes

}  // namespace

Guarded::Guarded(int64_t rows, int64_t cols, int64_t gap, int64_t offset)
    : storage_(static_cast<size_t>(2 * kMargin + kLine + offset + rows * (cols + gap)),
               std::bit_cast<float>(kGuardBits)),
      view_{nullptr, rows, cols, cols + gap} {
  place(offset);
  fill(0);
  poison_guards();
}

Guarded::Guarded(const Guarded& other)
    : Guarded(other.view_.rows, other.view_.cols, other.view_.stride - other.view_.cols) {
  for (int64_t r = 0; r < view_.rows; ++r) {
    for (int64_t c = 0; c < view_.cols; ++c) (*this)(r, c) = other(r, c);
  }
}

Guarded::~Guarded() {
#ifdef REFORMER_ASAN
  ASAN_UNPOISON_MEMORY_REGION(storage_.data(), storage_.size() * sizeof(float));
#endif
  std::string damage;
  for (int64_t i = 0; i < static_cast<int64_t>(storage_.size()); ++i) {
    const float value = storage_[static_cast<size_t>(i)];
    if (is_inside(i) || std::bit_cast<uint32_t>(value) == kGuardBits) continue;
    damage += " " + std::to_string(i - first_) + ":" + std::to_string(value);
  }
  if (damage.empty()) return;
  ADD_FAILURE() << "written outside a [" << view_.rows << ", " << view_.cols << "] view of stride "
                << view_.stride << ", at" << damage;
}

void Guarded::place(int64_t offset) {
  first_ = kMargin;
  while (reinterpret_cast<uintptr_t>(&storage_[static_cast<size_t>(first_)]) % 64 != 0) ++first_;
  first_ += offset;
  view_.data = &storage_[static_cast<size_t>(first_)];
}

bool Guarded::is_inside(int64_t index) const {
  const int64_t at = index - first_;
  return at >= 0 && view_.stride > 0 && at / view_.stride < view_.rows &&
         at % view_.stride < view_.cols;
}

void Guarded::poison_guards() {
#ifdef REFORMER_ASAN
  ASAN_POISON_MEMORY_REGION(storage_.data(), storage_.size() * sizeof(float));
  for (int64_t r = 0; r < view_.rows; ++r) {
    ASAN_UNPOISON_MEMORY_REGION(view_.row(r), static_cast<size_t>(view_.cols) * sizeof(float));
  }
#endif
}

Guarded& Guarded::randomise(uint64_t seed, float low, float high) {
  const RandomStream stream({.seed = seed, .purpose = Purpose::test});
  uint64_t i = 0;
  for (int64_t r = 0; r < view_.rows; ++r) {
    for (float& x : view_.row_span(r))
      x = low + (high - low) * static_cast<float>(stream.uniform(i++));
  }
  return *this;
}

Guarded& Guarded::fill(float value) {
  for (int64_t r = 0; r < view_.rows; ++r) {
    for (float& x : view_.row_span(r)) x = value;
  }
  return *this;
}

}  // namespace reformer
