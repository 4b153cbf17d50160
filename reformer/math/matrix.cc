#include "reformer/math/matrix.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

#include <algorithm>
#include <new>
#include <utility>

namespace reformer {
namespace {
constexpr std::align_val_t kAlignment{64};

// Long sequences are read in the order of their buckets, a row here and a row there, and with small
// pages nearly every row would have its page looked up. A system without large ones goes on as
// before.
void ask_for_large_pages([[maybe_unused]] void* data, [[maybe_unused]] size_t bytes) {
#ifdef MADV_HUGEPAGE
  constexpr size_t kPage = size_t{1} << 21;
  void* page = data;
  size_t left = bytes;
  if (std::align(kPage, kPage, page, left) != nullptr) {
    madvise(page, left / kPage * kPage, MADV_HUGEPAGE);
  }
#endif
}

}  // namespace

template <class Element>
void BasicMatrix<Element>::Free::operator()(Element* p) const {
  ::operator delete[](p, kAlignment);
}

template <class Element>
BasicMatrix<Element>::BasicMatrix(int64_t rows, int64_t cols) {
  reshape(rows, cols);
  fill(0);
}

template <class Element>
BasicMatrix<Element>::BasicMatrix(BasicMatrix&& other) noexcept
    : storage_(std::move(other.storage_)),
      capacity_(std::exchange(other.capacity_, 0)),
      view_(std::exchange(other.view_, {})) {}

template <class Element>
BasicMatrix<Element>& BasicMatrix<Element>::operator=(BasicMatrix&& other) noexcept {
  BasicMatrix taken(std::move(other));
  std::swap(storage_, taken.storage_);
  std::swap(capacity_, taken.capacity_);
  std::swap(view_, taken.view_);
  return *this;
}

template <class Element>
BasicMatrixView<Element> BasicMatrix<Element>::reshape(int64_t rows, int64_t cols) {
  const int64_t stride = padded_stride(cols);
  const int64_t needed = rows * stride;
  if (needed > capacity_) {
    storage_.reset(static_cast<Element*>(
        ::operator new[](static_cast<size_t>(needed) * sizeof(Element), kAlignment)));
    ask_for_large_pages(storage_.get(), static_cast<size_t>(needed) * sizeof(Element));
    capacity_ = needed;
    std::fill_n(storage_.get(), needed, Element{0});
  }
  view_ = {storage_.get(), rows, cols, stride};
  return view_;
}

template <class Element>
void BasicMatrix<Element>::fill(Element value) {
  std::fill_n(view_.data, view_.rows * view_.stride, value);
}

template class BasicMatrix<float>;
template class BasicMatrix<uint32_t>;

}  // namespace reformer
