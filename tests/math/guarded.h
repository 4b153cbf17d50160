// Inputs and outputs for kernels, with guards around them.
#pragma once

#include <cstdint>
#include <vector>

#include "reformer/math/matrix.h"

namespace reformer {

// A matrix in the midst of floats that a kernel must neither write nor read: between its rows,
// before and after it lies a NaN of a kind that no arithmetic makes. A wrong write changes its
// bits, which the destructor reports; a wrong read spoils the result, or stops an address sanitizer
// where the kernel throws away what it read.
class Guarded {
 public:
  // Rows are cols + gap apart. The first element lies `offset` floats after a 64-byte boundary.
  Guarded(int64_t rows, int64_t cols, int64_t gap = 0, int64_t offset = 0);
  Guarded(const Guarded& other);
  Guarded& operator=(const Guarded&) = delete;
  ~Guarded();

  MatrixView view() { return view_; }
  ConstMatrixView view() const { return view_; }
  operator MatrixView() { return view_; }
  operator ConstMatrixView() const { return view_; }
  // The first row; all of a row vector.
  float* data() { return view_.data; }
  const float* data() const { return view_.data; }
  float& operator()(int64_t r, int64_t c) { return view_.row(r)[c]; }
  float operator()(int64_t r, int64_t c) const { return view_.row(r)[c]; }
  float& operator[](int64_t c) { return view_.data[c]; }
  float operator[](int64_t c) const { return view_.data[c]; }

  // Uniform in [low, high), another sequence for every seed.
  Guarded& randomise(uint64_t seed, float low = -1, float high = 1);
  Guarded& fill(float value);

 private:
  void place(int64_t offset);
  bool is_inside(int64_t index) const;
  void poison_guards();

  std::vector<float> storage_;
  int64_t first_ = 0;  // index in the storage of the first element
  MatrixView view_;
};

// A row vector of n elements.
inline Guarded guarded_row(int64_t n, int64_t offset = 0) { return Guarded(1, n, 0, offset); }

}  // namespace reformer
