// Matrices of four-byte elements, most often float: views that own nothing, and one owner that pads
// its rows.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

namespace reformer {

// A [rows, cols] matrix whose rows are `stride` elements apart. Owns nothing.
template <class Element>
struct BasicMatrixView {
  Element* data = nullptr;
  int64_t rows = 0;
  int64_t cols = 0;
  int64_t stride = 0;

  Element* row(int64_t r) const { return data + r * stride; }
  std::span<Element> row_span(int64_t r) const { return {row(r), static_cast<size_t>(cols)}; }
  // Rows [begin, end).
  BasicMatrixView row_range(int64_t begin, int64_t end) const {
    return {at(begin * stride), end - begin, cols, stride};
  }
  // Columns [begin, end).
  BasicMatrixView col_range(int64_t begin, int64_t end) const {
    return {at(begin), rows, end - begin, stride};
  }
  operator BasicMatrixView<const Element>() const { return {data, rows, cols, stride}; }

 private:
  // A view of nothing has no address to start from.
  Element* at(int64_t offset) const { return data == nullptr ? nullptr : data + offset; }
};

using MatrixView = BasicMatrixView<float>;
using ConstMatrixView = BasicMatrixView<const float>;

// Row strides are multiples of 16 elements (a cache line), and never of 128 bytes times a power of
// two that would send the rows of one column to a few sets of the first-level cache: an odd number
// of lines spreads them.
constexpr int64_t padded_stride(int64_t cols) {
  const int64_t lines = (cols + 15) / 16;
  return 16 * (lines % 2 == 0 && lines >= 8 ? lines + 1 : lines);
}

// Owner of a zero-filled matrix with padded rows, aligned to 64 bytes. Element: float or uint32_t.
template <class Element>
class BasicMatrix {
 public:
  using View = BasicMatrixView<Element>;
  using ConstView = BasicMatrixView<const Element>;

  BasicMatrix() = default;
  BasicMatrix(int64_t rows, int64_t cols);
  BasicMatrix(BasicMatrix&& other) noexcept;  // leaves `other` empty
  BasicMatrix& operator=(BasicMatrix&& other) noexcept;

  // Makes room for at least this shape and takes it; contents are unspecified. Allocates only when
  // the shape never fitted before, so that workspaces settle.
  View reshape(int64_t rows, int64_t cols);

  int64_t rows() const { return view_.rows; }
  int64_t cols() const { return view_.cols; }
  Element* row(int64_t r) { return view_.row(r); }
  const Element* row(int64_t r) const { return view_.row(r); }
  View view() { return view_; }
  ConstView view() const { return view_; }
  operator View() { return view_; }
  operator ConstView() const { return view_; }
  void fill(Element value);

 private:
  struct Free {
    void operator()(Element* p) const;
  };
  std::unique_ptr<Element[], Free> storage_;
  int64_t capacity_ = 0;  // elements
  View view_;
};

using Matrix = BasicMatrix<float>;

}  // namespace reformer
