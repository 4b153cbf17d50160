#include "reformer/math/softmax_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "reformer/base/random.h"
#include "tests/math/compare.h"
#include "tests/math/guarded.h"
#include "tests/math/kernel_test.h"
#include "tests/support/infinity.h"

namespace reformer {
namespace {

constexpr int32_t kLargest = std::numeric_limits<int32_t>::max();

std::vector<int32_t> random_integers(uint64_t seed, int64_t count, uint32_t bound) {
  const RandomStream stream({.seed = seed});
  std::vector<int32_t> values;
  for (int64_t i = 0; i < count; ++i) {
    values.push_back(static_cast<int32_t>(stream.below(static_cast<uint64_t>(i), bound)));
  }
  return values;
}

// Keys of a block and the rows of some queries, of every kind.
struct Block {
  static constexpr int64_t kColumns = 77, kStride = kColumns + 16;
  std::vector<int32_t> position = random_integers(1, kStride, 40);
  std::vector<int32_t> visible_from = position;
  std::vector<int32_t> bucket = random_integers(2, kStride, 3);
  std::vector<int32_t> codes;
  std::vector<SoftmaxRow> rows;
  LogitRules rules;
  LogitColumns columns;

  Block(const LogitRules& some_rules, bool has_buckets, int64_t rounds) : rules(some_rules) {
    for (size_t j = 0; j < visible_from.size(); j += 7) visible_from[j] = kLargest;  // padding
    codes = random_integers(3, rounds * kStride, 5);
    columns = {.position = position.data(),
               .visible_from = visible_from.data(),
               .bucket = has_buckets ? bucket.data() : nullptr,
               .codes = rounds > 0 ? codes.data() : nullptr,
               .rounds = rounds,
               .code_stride = kStride};
    for (const bool tested : {false, true}) {
      for (const int32_t begin : {5, 16, 31}) {
        for (const int32_t end : {begin + 1, 32, 48, 60, int32_t{kColumns}}) {
          if (end <= begin) continue;
          const int32_t own = tested ? (begin + end) / 2 : end - 1;
          rows.push_back({begin, end, own, position[static_cast<size_t>(own)], tested});
        }
      }
    }
  }

  // The logit of a column and its weight; -infinity where the row sees nothing.
  std::pair<double, double> logit(const SoftmaxRow& row, int64_t j, float product) const {
    const auto at = static_cast<size_t>(j);
    if (j < row.begin || j >= row.end) return {-kInfinity, 1};
    const bool self = row.tested ? position[at] == row.position : j == row.own;
    double s = self ? double{rules.own_factor} * product + rules.own_shift : product;
    if (row.tested) {
      if (!self && visible_from[at] > row.position) s = -kInfinity;
      const bool other =
          columns.bucket != nullptr && bucket[at] != bucket[static_cast<size_t>(row.own)];
      if (other) s += rules.other_bucket_shift;
    }
    int meetings = 0;
    for (int64_t r = 0; r < columns.rounds; ++r) {
      const int32_t* round = codes.data() + r * kStride;
      const int64_t difference = int64_t{round[row.own]} - round[j];
      if (difference == 0 || difference == 1) ++meetings;
    }
    return {s, 1.0 / std::max(1, meetings)};
  }
};

// What a row's softmax should be: e^(logit - max) with its weight, and their sum.
struct Reference {
  double max = -kInfinity, sum = 0;
  std::vector<double> e;

  Reference(const Block& block, const SoftmaxRow& row, const float* products, int64_t first) {
    std::vector<std::pair<double, double>> logits;
    for (int64_t j = 0; j < Block::kColumns; ++j) {
      logits.push_back(block.logit(row, j, j < first ? 0 : products[j - first]));
      max = std::max(max, logits.back().first);
    }
    for (const auto& [logit, weight] : logits) {
      e.push_back(std::isinf(logit) ? 0 : weight * std::exp(logit - max));
      sum += e.back();
    }
  }
};

// Of e^(logit - max): the logits are below 64 in magnitude, the exponential, the weight, the sum.
constexpr double kTolerance = kExpError + (8 * 64 + Block::kColumns) * kRounding;

class SoftmaxRows : public KernelTest {
 protected:
  static constexpr int64_t kFirst = 5;  // the group's first column

  template <class Test>
  static void for_each_block(const Test& test) {
    const LogitRules rules[] = {{}, {0, -30, 0}, {1, -20, -7}, {0, 9, -kInfinity}};
    for (const LogitRules& rule : rules) {
      for (const bool has_buckets : {false, true}) {
        for (const int64_t rounds : {0, 1, 2, 5, 16}) {
          const Block block(rule, has_buckets, rounds);
          Guarded products(static_cast<int64_t>(block.rows.size()), 80);
          products.randomise(7, -3, 3);
          test(block, products);
          if (HasFailure()) return;
        }
      }
    }
  }
};
REFORMER_FOR_EACH_TARGET(SoftmaxRows);

TEST_P(SoftmaxRows, ForwardAndAgainEqualTheDefinition) {
  for_each_block([](const Block& block, const Guarded& products) {
    const auto n = static_cast<int64_t>(block.rows.size());
    std::vector<SoftmaxTotal> totals(block.rows.size());
    Guarded e = products;
    softmax_rows(block.rules, block.columns, kFirst, block.rows, e.view().col_range(0, 72),
                 totals.data());
    Guarded p = products;
    softmax_rows_again(block.rules, block.columns, kFirst, block.rows, p.view().col_range(0, 72),
                       totals.data());
    for (int64_t i = 0; i < n; ++i) {
      const auto at = static_cast<size_t>(i);
      const Reference expected(block, block.rows[at], products.view().row(i), kFirst);
      expect_close(totals[at].max, {expected.max, 4 * kRounding * std::abs(expected.max)});
      expect_close(totals[at].sum, {expected.sum, kTolerance * expected.sum});
      expect_close(e.view().row(i), 72, [&](int64_t j) {
        const double value = expected.e[static_cast<size_t>(j + kFirst)];
        return Expected{value, kTolerance * value};
      });
      expect_close(p.view().row(i), 72, [&](int64_t j) {
        const double value = expected.e[static_cast<size_t>(j + kFirst)] / expected.sum;
        return Expected{value, 3 * kTolerance * value};
      });
    }
  });
}

// Where the columns of its group begin is nothing to a row.
TEST_P(SoftmaxRows, FirstColumnChangesNoBit) {
  for_each_block([](const Block& block, const Guarded& products) {
    for (size_t i = 0; i < block.rows.size(); ++i) {
      const float* product = products.view().row(static_cast<int64_t>(i));
      const auto forward = [&](int64_t first, Guarded& e) {
        std::copy(product + first, product + Block::kColumns, e.view().row(0));
        SoftmaxTotal total;
        softmax_rows(block.rules, block.columns, first, {&block.rows[i], 1},
                     e.view().col_range(0, Block::kColumns - first), &total);
        return total;
      };
      Guarded expected(1, 80);
      const SoftmaxTotal total = forward(0, expected);
      for (int64_t first = 1; first <= block.rows[i].begin; ++first) {
        Guarded found(1, 80);
        EXPECT_EQ(forward(first, found).sum, total.sum) << i << " from " << first;
        for (int64_t j = first; j < Block::kColumns; ++j) {
          EXPECT_EQ(found(0, j - first), expected(0, j)) << i << " from " << first;
        }
      }
    }
  });
}

TEST_P(SoftmaxRows, BackwardIsTheDerivativeAndFreezesReplacedLogits) {
  for_each_block([](const Block& block, const Guarded& products) {
    const auto n = static_cast<int64_t>(block.rows.size());
    std::vector<SoftmaxTotal> totals(block.rows.size());
    Guarded p = products;
    softmax_rows(block.rules, block.columns, kFirst, block.rows, p.view().col_range(0, 72),
                 totals.data());
    Guarded ds = p;
    Guarded dp(n, 80);
    dp.randomise(8);
    std::vector<float> delta;
    for (int64_t i = 0; i < n; ++i) delta.push_back(0.1F * static_cast<float>(i));
    for (int64_t i = 0; i < n; ++i) dp(i, 71) = p(i, 71) == 0 ? kInfinity : dp(i, 71);
    softmax_rows_backward(block.rules, block.columns, kFirst, block.rows,
                          ds.view().col_range(0, 72), dp, delta.data());
    expect_close(ds.view().col_range(0, 72), [&](int64_t i, int64_t j) {
      const SoftmaxRow& row = block.rows[static_cast<size_t>(i)];
      const auto column = static_cast<size_t>(j + kFirst);
      const bool self = row.tested ? block.position[column] == row.position
                                   : static_cast<int32_t>(column) == row.own;
      if (p(i, j) == 0 || (self && block.rules.own_factor == 0)) return Expected{0, 0};
      const double value = p(i, j) * (double{dp(i, j)} - delta[static_cast<size_t>(i)]);
      return Expected{value, 3 * kRounding * std::abs(value)};
    });
  });
}

// Only differences of 0 and 1 count, at both ends of the integers.
TEST_P(SoftmaxRows, CountsMeetings) {
  std::vector<int32_t> one = {
      0,        1, 2, 3, 5, 6, 7, 8, 9, 999'999, 1'000'000, 1'000'001, kLargest - 2, kLargest - 1,
      kLargest, 4};
  const auto n = static_cast<int64_t>(one.size());
  std::vector<int32_t> position(32), codes;
  for (int round = 0; round < 2; ++round) {  // two equal rounds: who meets does so twice
    codes.insert(codes.end(), one.begin(), one.end());
    codes.resize(codes.size() + 16);
  }
  const LogitColumns columns{position.data(), position.data(), nullptr, codes.data(), 2, n + 16};
  for (int32_t own = 0; own < n; ++own) {
    Guarded s = guarded_row(n).fill(0);
    SoftmaxTotal total;
    const SoftmaxRow row{0, static_cast<int32_t>(n), own, 0, false};
    softmax_rows({}, columns, 0, {&row, 1}, s, &total);
    for (int64_t j = 0; j < n; ++j) {
      const int32_t query = one[static_cast<size_t>(own)];
      const int32_t key = one[static_cast<size_t>(j)];
      EXPECT_EQ(s[j], key == query || key == query - 1 ? 0.5F : 1.0F) << query << " " << key;
    }
  }
}

TEST_P(SoftmaxRows, NanShows) {
  const Block block({0, -1, 0}, true, 2);
  for (size_t i = 0; i < block.rows.size(); ++i) {
    const SoftmaxRow row = block.rows[i];
    if (row.end - row.begin < 2) continue;
    Guarded s = guarded_row(80).fill(0);
    // A key that every row of this range sees: the query's own is replaced, so the one beside it.
    Block open = block;
    open.visible_from.assign(open.visible_from.size(), 0);
    open.columns.visible_from = open.visible_from.data();
    open.position[static_cast<size_t>(row.begin)] = 99;
    open.columns.position = open.position.data();
    open.columns.bucket = open.bucket.data();
    open.columns.codes = open.codes.data();
    s[row.begin - kFirst] = std::nanf("");
    SoftmaxTotal total;
    softmax_rows(open.rules, open.columns, kFirst, {&row, 1}, s, &total);
    EXPECT_TRUE(std::isnan(total.sum)) << i;
  }
}

// The softmax over two halves, merged, is the softmax over all; also where a half has nothing.
TEST_P(SoftmaxRows, MergedPartsAreTheWhole) {
  constexpr int64_t kRows = 37, kDim = 5;
  Guarded out(40, kDim, 3), part(kRows, kDim);
  out.fill(std::nanf(""));
  std::vector<SoftmaxTotal> totals(40);
  std::vector<int32_t> to;
  for (int32_t i = 0; i < kRows; ++i) to.push_back(39 - i);
  std::vector<std::vector<SoftmaxTotal>> parts(3);
  for (size_t k = 0; k < 3; ++k) {
    for (int64_t i = 0; i < kRows; ++i) {
      const bool nothing = (static_cast<size_t>(i) + k) % 4 == 0;
      const float max = i % 2 == 0 ? -1e6F + static_cast<float>(k) / 16 : static_cast<float>(k);
      parts[k].push_back(nothing ? SoftmaxTotal{} : SoftmaxTotal{max, 1 + static_cast<float>(k)});
    }
  }
  const auto value = [](size_t k, int64_t i, int64_t c) {
    return static_cast<float>(k + 1) + 0.01F * static_cast<float>(i * kDim + c);
  };
  for (size_t k = 0; k < 3; ++k) {
    for (int64_t i = 0; i < kRows; ++i) {
      const float sum = parts[k][static_cast<size_t>(i)].sum;
      for (int64_t c = 0; c < kDim; ++c) part(i, c) = sum * value(k, i, c);
    }
    merge_softmax(part, parts[k].data(), to, k == 0, out, totals.data());
  }
  for (int64_t i = 0; i < kRows; ++i) {
    const auto row = static_cast<size_t>(to[static_cast<size_t>(i)]);
    double max = -kInfinity, sum = 0;
    for (const auto& of : parts) max = std::max(max, double{of[static_cast<size_t>(i)].max});
    std::vector<double> weight;
    for (const auto& of : parts) {
      const SoftmaxTotal& total = of[static_cast<size_t>(i)];
      weight.push_back(total.sum == 0 ? 0 : total.sum * std::exp(double{total.max} - max));
      sum += weight.back();
    }
    EXPECT_EQ(totals[row].max, max);
    expect_close(totals[row].sum, {sum, 4 * kExpError * sum});
    expect_close(out.view().row(static_cast<int64_t>(row)), kDim, [&](int64_t c) {
      double mean = 0;
      for (size_t k = 0; k < 3; ++k) mean += weight[k] / sum * value(k, i, c);
      return Expected{mean, 8 * kExpError * mean};
    });
  }
}

}  // namespace
}  // namespace reformer
