#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <utility>

#include "reformer/attention/plan.h"
#include "reformer/base/random.h"
#include "reformer/bench/kernels.h"
#include "reformer/math/gather.h"
#include "reformer/math/softmax_rows.h"

namespace reformer {
namespace {

constexpr double kWrong = std::numeric_limits<double>::infinity();

struct HashData {
  Matrix vectors, rotations;
  HashPlan plan;
  PlanScratch scratch;
};

// Is each round sorted by (bucket, position)?
bool is_sorted_plan(const HashPlan& plan) {
  std::vector<int32_t> expected(static_cast<size_t>(plan.length));
  for (int64_t r = 0; r < plan.rounds; ++r) {
    const int32_t* bucket = plan.bucket_of(r);
    std::iota(expected.begin(), expected.end(), 0);
    std::sort(expected.begin(), expected.end(), [&](int32_t a, int32_t b) {
      return std::pair(bucket[a], a) < std::pair(bucket[b], b);
    });
    if (!std::equal(expected.begin(), expected.end(), plan.order_of(r))) return false;
    for (int32_t i = 0; i < plan.length; ++i) {
      if (plan.place_of(r)[expected[static_cast<size_t>(i)]] != i) return false;
    }
  }
  return true;
}

// A bucket may lose against another by no more than rounding.
double hash_deviation(const HashData& data) {
  const HashPlan& plan = data.plan;
  const int64_t half = plan.buckets / 2, dim = data.vectors.cols();
  if (!is_sorted_plan(plan)) return kWrong;
  Worst worst;
  for (int64_t r = 0; r < plan.rounds; ++r) {
    for (int64_t t = 0; t < plan.length; ++t) {
      double best = 0, chosen = 0, size = 0;
      for (int64_t j = 0; j < half; ++j) {
        double sum = 0, terms = 0;
        for (int64_t d = 0; d < dim; ++d) {
          const double term =
              static_cast<double>(data.vectors.row(t)[d]) * data.rotations.row(d)[r * half + j];
          sum += term;
          terms += std::abs(term);
        }
        best = std::max(best, std::abs(sum));
        size = std::max(size, terms);
        if (plan.bucket_of(r)[t] == j) chosen = sum;
        if (plan.bucket_of(r)[t] == half + j) chosen = -sum;
      }
      worst.add(chosen, best, 2 * kRounding * static_cast<double>(dim) * size);
    }
  }
  return worst.deviation();
}

Kernel hash_kernel(const ModelConfig& config) {
  const int64_t t = config.length, d = config.head_dim, r = config.hash_rounds, n = config.buckets,
                s = config.chunk_length, half = n / 2;
  const auto make = [=] {
    auto data = std::make_shared<HashData>();
    data->vectors = random_matrix(t, d, 6);
    data->rotations = random_matrix(d, r * half, 7);
    return KernelCase{
        [=] { make_plan(data->vectors, data->rotations, r, n, s, data->plan, data->scratch); },
        [=] { return hash_deviation(*data); }};
  };
  return {"hash and sort", fmt::format("{} x {}, {} rounds, {} buckets", t, d, r, n),
          static_cast<double>(t * d * r * n),
          4.0 * static_cast<double>(t * d + d * r * half + 3 * r * t), make};
}

Kernel sort_kernel(const ModelConfig& config) {
  const int64_t t = config.length, r = config.hash_rounds, n = config.buckets,
                s = config.chunk_length;
  const auto make = [=] {
    auto plan = std::make_shared<HashPlan>();
    std::vector<int32_t> buckets(static_cast<size_t>(r * t));
    const RandomStream random({.seed = 8, .purpose = Purpose::test});
    for (size_t i = 0; i < buckets.size(); ++i) {
      buckets[i] = static_cast<int32_t>(random.below(i, static_cast<uint32_t>(n)));
    }
    return KernelCase{
        [=] { *plan = plan_from_buckets(buckets, t, r, n, s); },
        [=] { return is_sorted_plan(*plan) && plan->bucket == buckets ? 0 : kWrong; }};
  };
  return {"sort", fmt::format("{} places, {} rounds, {} buckets", t, r, n), 0,
          4.0 * static_cast<double>(4 * r * t), make};
}

struct MoveData {
  Matrix from, to;
  std::vector<int32_t> rows;
};

enum class Move { gather, transpose, scatter };

double move_deviation(const MoveData& data, Move move) {
  Worst worst;
  for (int64_t i = 0; i < static_cast<int64_t>(data.rows.size()); ++i) {
    const int64_t row = data.rows[static_cast<size_t>(i)];
    for (int64_t c = 0; c < data.from.cols(); ++c) {
      const float actual = move == Move::gather      ? data.to.row(i)[c]
                           : move == Move::transpose ? data.to.row(c)[i]
                                                     : data.to.row(row)[c];
      worst.add(actual, data.from.row(move == Move::scatter ? i : row)[c], 0);
    }
  }
  return worst.deviation();
}

// All rows of a head in the order of a permutation.
Kernel move_kernel(const char* name, Move move, int64_t t, int64_t d) {
  const auto make = [=] {
    auto data = std::make_shared<MoveData>();
    data->from = random_matrix(t, d, 9);
    data->to.reshape(move == Move::transpose ? d : t, move == Move::transpose ? t : d);
    data->to.fill(0);
    const RandomStream random({.seed = 10, .purpose = Purpose::test});
    data->rows.resize(static_cast<size_t>(t));
    std::iota(data->rows.begin(), data->rows.end(), 0);
    for (size_t i = data->rows.size(); i > 1; --i) {
      std::swap(data->rows[i - 1], data->rows[random.below(i, static_cast<uint32_t>(i))]);
    }
    const auto run = [=] {
      if (move == Move::gather) gather_rows(RowSource(data->from, data->rows), data->to);
      if (move == Move::transpose) gather_transposed(RowSource(data->from, data->rows), data->to);
      if (move == Move::scatter) scatter_add_rows(data->from, data->rows, 1, data->to);
    };
    // After any number of runs: a scatter adds, so it starts anew.
    const auto deviation = [=] {
      data->to.fill(0);
      run();
      return move_deviation(*data, move);
    };
    return KernelCase{run, deviation};
  };
  const int arrays = move == Move::scatter ? 3 : 2;
  return {name, fmt::format("{} x {}", t, d), 0, 4.0 * arrays * static_cast<double>(t * d), make};
}

// Softmax of a query over the keys of its window with duplicates counted. Its products are 0, so
// that each weight is 1 over the number of meetings.
Kernel duplicates_kernel(const ModelConfig& config) {
  constexpr int64_t kPadding = 16;
  const int64_t keys = 2 * config.chunk_length, rounds = config.hash_rounds;
  const int64_t stride = keys + kPadding;
  const auto make = [=] {
    auto codes = std::make_shared<std::vector<int32_t>>(static_cast<size_t>(rounds * stride));
    auto position = std::make_shared<std::vector<int32_t>>(static_cast<size_t>(stride));
    auto weights = std::make_shared<Matrix>(1, keys);
    const RandomStream random({.seed = 11, .purpose = Purpose::test});
    for (size_t i = 0; i < codes->size(); ++i) {
      (*codes)[i] = static_cast<int32_t>(random.below(i, 6));
    }
    const auto own = static_cast<int32_t>(keys - 1);
    const SoftmaxRow row{0, own + 1, own, 0, false};
    const auto deviation = [=] {
      Worst worst;
      for (int64_t j = 0; j < keys; ++j) {
        int met = 0;
        for (int64_t r = 0; r < rounds; ++r) {
          const int32_t* round = codes->data() + r * stride;
          const int32_t apart = round[own] - round[j];
          met += apart == 0 || apart == 1 ? 1 : 0;
        }
        const double expected = 1.0 / std::max(1, met);
        worst.add(weights->row(0)[j], expected, kRounding * expected);
      }
      return worst.deviation();
    };
    return KernelCase{[=] {
                        const LogitColumns columns{position->data(), position->data(), nullptr,
                                                   codes->data(),    rounds,           stride};
                        SoftmaxTotal total;
                        weights->fill(0);
                        softmax_rows({}, columns, 0, {&row, 1}, *weights, &total);
                      },
                      deviation};
  };
  return {"softmax with duplicates", fmt::format("{} keys, {} rounds", keys, rounds), 0,
          4.0 * static_cast<double>((rounds + 1) * keys), make};
}

}  // namespace

std::vector<Kernel> hash_kernels(const ModelConfig& config) {
  const int64_t t = config.length, d = config.head_dim;
  return {hash_kernel(config),
          sort_kernel(config),
          move_kernel("gather rows", Move::gather, t, d),
          move_kernel("gather rows, transposed", Move::transpose, t, d),
          move_kernel("scatter and add rows", Move::scatter, t, d),
          duplicates_kernel(config)};
}

}  // namespace reformer
