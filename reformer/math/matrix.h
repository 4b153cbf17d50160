// Matrices of float: views that own nothing, and one owner that pads its rows.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

namespace reformer {

// A [rows, cols] matrix whose rows are `stride` floats apart. Owns nothing.
template <class Float>
struct BasicMatrixView {
  Float* data = nullptr;
  int64_t rows = 0;
  int64_t cols = 0;
  int64_t stride = 0;

  Float* row(int64_t r) const { return data + r * stride; }
  std::span<Float> row_span(int64_t r) const { return {row(r), static_cast<size_t>(cols)}; }
  // Rows [begin, end).
  BasicMatrixView row_range(int64_t begin, int64_t end) const {
    return {at(begin * stride), end - begin, cols, stride};
  }
  // Columns [begin, end).
  BasicMatrixView col_range(int64_t begin, int64_t end) const {
    return {at(begin), rows, end - begin, stride};
  }
  operator BasicMatrixView<const Float>() const { return {data, rows, cols, stride}; }

 private:
  // A view of nothing has no address to start from.
  Float* at(int64_t offset) const { return data == nullptr ? nullptr : data + offset; }
};

using MatrixView = BasicMatrixView<float>;
using ConstMatrixView = BasicMatrixView<const float>;

// Row strides are multiples of 16 floats (a cache line), and never of 128 bytes times a power of
// two that would send the rows of one column to a few sets of the first-level cache: an odd number
// of lines spreads them.
constexpr int64_t padded_stride(int64_t cols) {
  const int64_t lines = (cols + 15) / 16;
  return 16 * (lines % 2 == 0 && lines >= 8 ? lines + 1 : lines);
}

// Owner of a zero-filled matrix with padded rows, aligned to 64 bytes.
class Matrix {
 public:
  Matrix() = default;
  Matrix(int64_t rows, int64_t cols);
  Matrix(Matrix&& other) noexcept;  // leaves `other` empty
  Matrix& operator=(Matrix&& other) noexcept;

  // Makes room for at least this shape and takes it; contents are unspecified. Allocates only when
  // the shape never fitted before, so that workspaces settle.
  MatrixView reshape(int64_t rows, int64_t cols);

  int64_t rows() const { return view_.rows; }
  int64_t cols() const { return view_.cols; }
  float* row(int64_t r) { return view_.row(r); }
  const float* row(int64_t r) const { return view_.row(r); }
  MatrixView view() { return view_; }
  ConstMatrixView view() const { return view_; }
  operator MatrixView() { return view_; }
  operator ConstMatrixView() const { return view_; }
  void fill(float value);

 private:
  struct Free {
    void operator()(float* p) const;
  };
  std::unique_ptr<float[], Free> storage_;
  int64_t capacity_ = 0;  // floats
  MatrixView view_;
};

}  // namespace reformer
