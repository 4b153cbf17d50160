#include "reformer/math/matrix.h"

#include <algorithm>
#include <new>

namespace reformer {
namespace {
constexpr std::align_val_t kAlignment{64};
}

void Matrix::Free::operator()(float* p) const { ::operator delete[](p, kAlignment); }

Matrix::Matrix(int64_t rows, int64_t cols) {
  reshape(rows, cols);
  fill(0);
}

MatrixView Matrix::reshape(int64_t rows, int64_t cols) {
  const int64_t stride = padded_stride(cols);
  const int64_t needed = rows * stride;
  if (needed > capacity_) {
    storage_.reset(static_cast<float*>(
        ::operator new[](static_cast<size_t>(needed) * sizeof(float), kAlignment)));
    capacity_ = needed;
    std::fill_n(storage_.get(), needed, 0.0F);
  }
  view_ = {storage_.get(), rows, cols, stride};
  return view_;
}

void Matrix::fill(float value) { std::fill_n(view_.data, view_.rows * view_.stride, value); }

}  // namespace reformer
