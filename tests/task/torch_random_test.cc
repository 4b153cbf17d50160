#include "reformer/task/torch_random.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace reformer {
namespace {

std::vector<int64_t> draw(uint64_t seed, int64_t count) {
  TorchRandint random(seed);
  std::vector<int64_t> numbers;
  while (static_cast<int64_t>(numbers.size()) < count) numbers.push_back(random.next(1, 128));
  return numbers;
}

// torch.manual_seed(42); torch.randint(1, 128, (3, 8)), and so on.
TEST(TorchRandint, EqualsPyTorch) {
  EXPECT_EQ(draw(42, 24),
            (std::vector<int64_t>{44, 68,  22, 10, 74, 33, 116, 105, 25, 75,  85, 110,
                                  95, 111, 59, 56, 32, 49, 91,  6,   97, 103, 10, 80}));
  EXPECT_EQ(draw(1234, 12),
            (std::vector<int64_t>{47, 56, 63, 125, 105, 108, 40, 65, 9, 43, 47, 43}));
}

TEST(TorchRandint, EqualsPyTorchAtTheSizeOfTheSeedReport) {
  TorchRandint random(42);
  int64_t sum = 0, weighted = 0;
  for (int row = 0; row < 12800; ++row) {
    for (int column = 0; column < 512; ++column) {
      const int64_t number = random.next(1, 128);
      sum += number;
      weighted += number * column;
    }
  }
  EXPECT_EQ(sum, 419607935);
  EXPECT_EQ(weighted, 107224810903);
}

TEST(TorchRandint, KeepsTheLowerHalfOfTheSeed) {
  EXPECT_EQ(draw(42 + (uint64_t{5} << 32), 8), draw(42, 8));
}

TEST(TorchRandint, RefusesOtherRanges) {
  TorchRandint random(0);
  EXPECT_EQ(random.next(7, 8), 7);
  EXPECT_THROW(random.next(1, 1), std::logic_error);
  EXPECT_THROW(random.next(2, 1), std::logic_error);
  EXPECT_THROW(random.next(0, int64_t{1} << 32), std::logic_error);
}

}  // namespace
}  // namespace reformer
