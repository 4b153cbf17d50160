// Asking for the rows of the next block while this one is computed.
//
// Under LSH attention the rows of a block lie anywhere in the sequence. A long one is in no cache,
// and a row would take as long to come as hundreds of multiply-adds do. Which rows come next is
// known, so that they can be on their way meanwhile. Nothing but time depends on it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "reformer/attention/head_input.h"
#include "reformer/math/matrix.h"

namespace reformer {

// Asks for all rows now. The rows of one head lie apart, which the hardware does not foresee.
void ask_for_rows(ConstMatrixView rows);

// Rows of one head that are walked from the first to the last, asked for some rows ahead.
inline constexpr int64_t kRowsAhead = 64;
inline void ask_for_next_rows(ConstMatrixView all, int64_t first) {
  const int64_t begin = std::min(all.rows, first + kRowsAhead);
  ask_for_rows(all.row_range(begin, std::min(all.rows, begin + kRowsAhead)));
}

class RowsAhead {
 public:
  // Forgets everything.
  void clear() {
    rows_.clear();
    positions_ = {};
  }

  // Row `position` of a matrix or array will be read.
  template <class Element>
  void add(BasicMatrixView<Element> all) {
    add(all, {0, all.rows});
  }
  template <class T>
  void add(std::span<const T> all) {
    add({all.data(), sizeof(T), sizeof(T), 0, static_cast<int64_t>(all.size())});
  }
  // Row `position` - queries.begin will be, of positions that are queries.
  template <class Element>
  void add(BasicMatrixView<Element> all, QueryRange queries) {
    constexpr auto kBytes = static_cast<int64_t>(sizeof(Element));
    add({all.data, all.cols * kBytes, all.stride * kBytes, queries.begin, queries.size()});
  }
  template <class T>
  void add(std::span<const T> all, QueryRange queries) {
    add({all.data(), sizeof(T), sizeof(T), queries.begin, static_cast<int64_t>(all.size())});
  }

  // The positions whose rows will be read next, after `steps` calls of step().
  void expect(std::span<const int32_t> positions, int64_t steps);

  // Asks for the next share of them.
  void step();

  // Those that were not asked for yet.
  std::span<const int32_t> rest() const { return positions_; }

 private:
  struct Rows {
    const void* data;
    int64_t bytes, stride;  // of a row, and from one to the next
    int64_t first, count;   // position of row 0, and how many there are
  };
  void add(const Rows& rows) { rows_.push_back(rows); }

  std::vector<Rows> rows_;
  std::span<const int32_t> positions_;
  size_t share_ = 0;
};

}  // namespace reformer
