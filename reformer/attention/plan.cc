#include "reformer/attention/plan.h"

#include <algorithm>
#include <numeric>

#include "reformer/attention/ahead.h"
#include "reformer/base/error.h"
#include "reformer/math/argmax.h"
#include "reformer/math/gather.h"
#include "reformer/math/gemm.h"

namespace reformer {
namespace {

// Positions that are hashed together: their vectors and products stay in the first-level cache.
constexpr int64_t kHashedTogether = 64;

bool fits(Buckets buckets) {
  return buckets.factor >= 2 && buckets.factor % 2 == 0 && buckets.count % buckets.factor == 0 &&
         buckets.second() % 2 == 0;
}

void set_shape(HashPlan& plan, int64_t length, int64_t rounds, Buckets buckets,
               int64_t chunk_length) {
  check_plan_shape(length, rounds, buckets, chunk_length);
  plan.length = length;
  plan.rounds = rounds;
  plan.buckets = buckets.count;
  plan.chunk_length = chunk_length;
  const auto size = static_cast<size_t>(rounds * length);
  plan.bucket.resize(size);
  plan.order.resize(size);
  plan.place.resize(size);
}

// at[i] = argmax([x R ; -x R]) for column i of x^T.   rotations: [D, J]   columns: [D, n]   at: [n]
void hash(ConstMatrixView rotations, ConstMatrixView columns, Matrix& rotated, int32_t* at) {
  const MatrixView product = rotated.reshape(rotations.cols, columns.cols);
  gemm_at(rotations, columns, product, Store::overwrite);
  argmax_of_both_signs(product, at);
}

// One round, of `rotations` [D, directions].
void hash_round(ConstMatrixView rotations, Buckets buckets, PlanScratch& scratch, int32_t* bucket) {
  const ConstMatrixView columns = scratch.columns;
  const int64_t first = buckets.first() / 2;
  hash(rotations.col_range(0, first), columns, scratch.rotated, bucket);
  if (buckets.factor == 0) return;
  scratch.second.resize(static_cast<size_t>(columns.cols));
  hash(rotations.col_range(first, rotations.cols), columns, scratch.rotated, scratch.second.data());
  const auto factor = static_cast<int32_t>(buckets.factor);
  for (int64_t i = 0; i < columns.cols; ++i) {
    bucket[i] += factor * scratch.second[static_cast<size_t>(i)];
  }
}

// Counting sort: stable, so positions ascend within a bucket.
void sort_round(HashPlan& plan, int64_t round) {
  const int32_t* bucket = plan.bucket_of(round);
  int32_t* order = plan.order.data() + round * plan.length;
  int32_t* place = plan.place.data() + round * plan.length;
  std::vector<int32_t> next(static_cast<size_t>(plan.buckets) + 1, 0);
  for (int64_t t = 0; t < plan.length; ++t) ++next[static_cast<size_t>(bucket[t]) + 1];
  std::partial_sum(next.begin(), next.end(), next.begin());
  for (int64_t t = 0; t < plan.length; ++t) {
    const int32_t at = next[static_cast<size_t>(bucket[t])]++;
    order[at] = static_cast<int32_t>(t);
    place[t] = at;
  }
}

}  // namespace

void check_plan_shape(int64_t length, int64_t rounds, Buckets buckets, int64_t chunk_length) {
  if (length < 1) fail("attention", "expected a sequence of at least 1 token, found {}", length);
  if (rounds < 1 || rounds > kMaxRounds) {
    fail("attention", "expected 1 to {} hash rounds, found {}; try 1, 2, 4 or 8", kMaxRounds,
         rounds);
  }
  if (buckets.count < 2 || buckets.count % 2 != 0) {
    fail("attention",
         "expected an even number of buckets (each rotation gives two), found {}; try {}",
         buckets.count, buckets.count > 1 << 20 ? 16 : std::max<int64_t>(2, buckets.count + 1));
  }
  if (buckets.factor != 0 && !fits(buckets)) {
    fail("attention",
         "expected an even bucket_factor of the {} buckets with an even quotient, or 0, found {}; "
         "try {}",
         buckets.count, buckets.factor, balanced_factor(buckets.count));
  }
  if (chunk_length < 1 || length % chunk_length != 0) {
    fail("attention",
         "expected a chunk length that divides the sequence length {}, found {}; try a divisor",
         length, chunk_length);
  }
}

int64_t balanced_factor(int64_t buckets) {
  int64_t best = 0;
  for (int64_t factor = 2; factor * factor <= buckets; factor += 2) {
    if (fits({buckets, factor})) best = factor;
  }
  return best;
}

void make_plan(ConstMatrixView vectors, ConstMatrixView rotations, int64_t rounds, Buckets buckets,
               int64_t chunk_length, HashPlan& plan, PlanScratch& scratch) {
  set_shape(plan, vectors.rows, rounds, buckets, chunk_length);
  const int64_t width = buckets.directions();
  REFORMER_CHECK(rotations.rows == vectors.cols && rotations.cols == rounds * width);
  for (int64_t first = 0; first < vectors.rows; first += kHashedTogether) {
    const int64_t last = std::min(first + kHashedTogether, vectors.rows);
    const MatrixView columns = scratch.columns.reshape(vectors.cols, last - first);
    gather_transposed(vectors.row_range(first, last), columns);
    ask_for_next_rows(vectors, first);
    for (int64_t r = 0; r < rounds; ++r) {
      hash_round(rotations.col_range(r * width, (r + 1) * width), buckets, scratch,
                 plan.bucket.data() + r * plan.length + first);
    }
  }
  for (int64_t r = 0; r < rounds; ++r) sort_round(plan, r);
}

HashPlan plan_from_buckets(std::vector<int32_t> bucket, int64_t length, int64_t rounds,
                           int64_t buckets, int64_t chunk_length) {
  HashPlan plan;
  set_shape(plan, length, rounds, buckets, chunk_length);
  REFORMER_CHECK(bucket.size() == plan.bucket.size());
  for (const int32_t b : bucket) REFORMER_CHECK(b >= 0 && b < buckets);
  plan.bucket = std::move(bucket);
  for (int64_t r = 0; r < rounds; ++r) sort_round(plan, r);
  return plan;
}

Meeting meeting_of(const HashPlan& plan, int64_t round, int64_t query, int64_t key) {
  const auto chunk = [&](int64_t t) { return plan.place_of(round)[t] / plan.chunk_length; };
  const int64_t back = chunk(query) - chunk(key);
  return {plan.bucket_of(round)[query] == plan.bucket_of(round)[key], back == 0 || back == 1};
}

int64_t count_lost_pairs_of_round(const HashPlan& plan, int64_t round, bool causal) {
  int64_t lost = 0;
  const int64_t s = plan.chunk_length;
  const int32_t* bucket = plan.bucket_of(round);
  const int32_t* order = plan.order_of(round);
  int64_t begin = 0;
  while (begin < plan.length) {  // [begin, end): the places of one bucket
    int64_t end = begin + 1;
    while (end < plan.length && bucket[order[end]] == bucket[order[begin]]) ++end;
    for (int64_t i = begin; i < end; ++i) {
      const int64_t window_begin = std::max<int64_t>(0, i / s - 1) * s;
      const int64_t window_end = (i / s + 1) * s;
      lost += std::max<int64_t>(0, window_begin - begin);
      if (causal) continue;  // later places of a bucket are later positions
      lost += std::max<int64_t>(0, end - window_end);
      // The ring: the only round's first chunk sees its last, unless that is the window anyway.
      const int64_t ring_begin = std::max(window_end, plan.length - s);
      if (plan.rounds == 1 && i < s) lost -= std::max<int64_t>(0, end - ring_begin);
    }
    begin = end;
  }
  return lost;
}

int64_t count_lost_pairs(const HashPlan& plan, bool causal) {
  int64_t lost = 0;
  for (int64_t r = 0; r < plan.rounds; ++r) lost += count_lost_pairs_of_round(plan, r, causal);
  return lost;
}

}  // namespace reformer
