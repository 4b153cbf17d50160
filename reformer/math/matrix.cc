#include "reformer/math/matrix.h"

#include <algorithm>
#include <new>
#include <utility>

namespace reformer {
namespace {
constexpr std::align_val_t kAlignment{64};
}

void Matrix::Free::operator()(float* p) const { ::operator delete[](p, kAlignment); }

Matrix::Matrix(int64_t rows, int64_t cols) {
  reshape(rows, cols);
  fill(0);
}

Matrix::Matrix(Matrix&& other) noexcept
    : storage_(std::move(other.storage_)),
      capacity_(std::exchange(other.capacity_, 0)),
      view_(std::exchange(other.view_, {})) {}

Matrix& Matrix::operator=(Matrix&& other) noexcept {
  Matrix taken(std::move(other));
  std::swap(storage_, taken.storage_);
  std::swap(capacity_, taken.capacity_);
  std::swap(view_, taken.view_);
  return *this;
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
