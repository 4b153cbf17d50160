// Calls of random shapes and settings, sensible and not, ten thousand in `./check --long`, on
// memory that ends where the tensors end: each either attends or throws Error. Under
// AddressSanitizer this finds any access beyond.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <memory>
#include <string>

#include "reformer/attention/batch.h"
#include "reformer/base/error.h"
#include "reformer/base/random.h"

namespace reformer::test {
namespace {

int64_t calls() {
  const char* given = std::getenv("REFORMER_RANDOM_CALLS");
  return given == nullptr ? 2000 : std::stoll(given);
}

// Numbers of one call.
class Dice {
 public:
  explicit Dice(uint32_t call) : stream_({.seed = 77, .example = call}) {}

  int64_t from(int64_t low, int64_t high) {
    return low +
           static_cast<int64_t>(stream_.below(next_++, static_cast<uint32_t>(high - low + 1)));
  }
  bool once_in(int64_t n) { return from(1, n) == 1; }
  template <class T, size_t n>
  T one_of(const T (&values)[n]) {
    return values[static_cast<size_t>(from(0, static_cast<int64_t>(n) - 1))];
  }

 private:
  RandomStream stream_;
  uint64_t next_ = 0;
};

// A tensor in an allocation of its own that ends with its last element. Dimensions lie in one of
// two orders, and rows may be apart.
struct Tensor {
  Tensor(Dice& dice, int64_t batch, int64_t length, int64_t heads, int64_t dim, uint32_t seed) {
    const int64_t row = dim + (dice.once_in(3) ? dice.from(1, 5) : 0);
    view = {nullptr, batch, length, heads, dim, length * heads * row, heads * row, row};
    if (dice.once_in(2)) {
      view.row_stride = row;
      view.head_stride = length * row;
    }
    const int64_t size = std::max<int64_t>(0, batch * length * heads * row - (row - dim));
    values = std::make_unique<float[]>(static_cast<size_t>(size));
    RandomStream({.seed = seed}).fill_normal({values.get(), static_cast<size_t>(size)});
    view.data = values.get();
    if (size > 0 && dice.once_in(20)) {
      values[static_cast<size_t>(dice.from(0, size - 1))] = std::numeric_limits<float>::quiet_NaN();
    }
  }
  std::unique_ptr<float[]> values;
  BatchView view;
};

struct Call {
  explicit Call(uint32_t number) : dice(number) {
    length = dice.once_in(20) ? 0 : dice.from(1, 70);
    if (dice.once_in(3)) length = 8 * dice.from(1, 9);
    batch = dice.once_in(40) ? 0 : dice.from(1, 2);
    heads = dice.once_in(40) ? 0 : dice.from(1, 3);
    dim = dice.once_in(40) ? 0 : dice.from(1, 40);
    semantics = semantics_preset(
        semantics_names()[static_cast<size_t>(dice.from(0, std::ssize(semantics_names()) - 1))]);
    settings.rounds = dice.once_in(20) ? dice.one_of(kAbsurd) : dice.from(1, 5);
    settings.buckets = dice.once_in(20) ? dice.one_of(kAbsurd) : 2 * dice.from(1, 12);
    settings.chunk_length = dice.once_in(20) ? dice.one_of(kAbsurd) : divisor();
  }

  int64_t divisor() {
    const int64_t smallest = dice.from(1, std::max<int64_t>(1, length));
    for (int64_t d = smallest; d < length; ++d) {
      if (length % d == 0) return d;
    }
    return length;
  }

  // Attends, or throws Error.
  void run() {
    const Tensor qk(dice, batch, length, heads, dim, 1);
    const Tensor v(dice, batch, length, heads, dice.once_in(40) ? dim + 1 : dim, 2);
    const Tensor dout(dice, batch, length, heads, dim, 3);
    const Tensor out(dice, batch, length, heads, dim, 4);
    const Tensor dqk(dice, batch, length, heads, dim, 5), dv(dice, batch, length, heads, dim, 6);
    std::vector<uint8_t> valid;
    if (dice.once_in(3)) {
      for (int64_t i = 0; i < batch * length; ++i) valid.push_back(dice.once_in(4) ? 0 : 1);
    }
    const BatchInput in{qk.view, v.view, valid, dice.once_in(2)};
    ThreadPool pool(1);
    if (dice.once_in(3)) {
      const auto totals = full_batch_forward(semantics.full, in, out.view, pool);
      full_batch_backward(semantics.full, in, {out.view, totals, dout.view}, dqk.view, dv.view,
                          pool);
      return;
    }
    const auto plans = hashed(in);
    const auto totals = lsh_batch_forward(semantics, plans, in, out.view, pool);
    lsh_batch_backward(semantics, plans, in, {out.view, totals, dout.view}, dqk.view, dv.view,
                       pool);
  }

  std::vector<HashPlan> hashed(const BatchInput& in) {
    ThreadPool pool(1);
    if (dice.once_in(2)) return hash_batch(in.qk, semantics, settings, 5, pool);
    const int64_t rounds = dice.from(1, 3), half = dice.from(1, 8);
    const int64_t size = dim * rounds * half;
    const auto values = std::make_unique<float[]>(static_cast<size_t>(heads * size));
    RandomStream({.seed = 7}).fill_normal({values.get(), static_cast<size_t>(heads * size)});
    return hash_batch(in.qk, {values.get(), dim, rounds, half, 0, size}, settings.chunk_length,
                      pool);
  }

  static constexpr int64_t kAbsurd[] = {INT64_MIN, -1, 0, 3, 65, 1 << 20, 1LL << 40, INT64_MAX};

  Dice dice;
  int64_t batch = 0, length = 0, heads = 0, dim = 0;
  AttentionSemantics semantics;
  HashSettings settings;
};

TEST(RandomCalls, AttendOrSayWhyNot) {
  const int64_t count = calls();
  int attended = 0, refused = 0;
  for (uint32_t number = 0; number < count; ++number) {
    SCOPED_TRACE(number);
    Call call(number);
    try {
      call.run();
      ++attended;
    } catch (const Error& error) {
      EXPECT_EQ(error.what()[0], '[');
      ++refused;
    }
  }
  EXPECT_GT(attended, count / 4);
  EXPECT_GT(refused, count / 20);
}

}  // namespace
}  // namespace reformer::test
