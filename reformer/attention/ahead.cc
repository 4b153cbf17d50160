#include "reformer/attention/ahead.h"

#include <algorithm>

namespace reformer {
namespace {

constexpr int64_t kCacheLine = 64;

// Into the second-level cache: a block is larger than the first.
void ask_for(const char* begin, int64_t bytes) {
  for (int64_t at = 0; at < bytes; at += kCacheLine) __builtin_prefetch(begin + at, 0, 2);
}

}  // namespace

void ask_for_rows(ConstMatrixView rows) {
  for (int64_t r = 0; r < rows.rows; ++r) {
    ask_for(reinterpret_cast<const char*>(rows.row(r)),
            rows.cols * static_cast<int64_t>(sizeof(float)));
  }
}

void RowsAhead::expect(std::span<const int32_t> positions, int64_t steps) {
  positions_ = positions;
  const auto parts = static_cast<size_t>(std::max<int64_t>(1, steps));
  share_ = (positions.size() + parts - 1) / parts;
}

void RowsAhead::step() {
  const size_t n = std::min(share_, positions_.size());
  for (const int32_t position : positions_.first(n)) {
    for (const Rows& rows : rows_) {
      const int64_t row = position - rows.first;
      if (row < 0 || row >= rows.count) continue;
      ask_for(static_cast<const char*>(rows.data) + row * rows.stride, rows.bytes);
    }
  }
  positions_ = positions_.subspan(n);
}

}  // namespace reformer
