#include "reformer/math/meetings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "reformer/base/random.h"
#include "tests/math/compare.h"
#include "tests/math/guarded.h"
#include "tests/math/kernel_test.h"

namespace reformer {
namespace {

class Meetings : public KernelTest {};
REFORMER_FOR_EACH_TARGET(Meetings);

// Codes below `bound`: few, so that every count of meetings occurs.
std::vector<int32_t> random_codes(uint64_t seed, int64_t count, uint32_t bound) {
  const RandomStream stream({.seed = seed});
  std::vector<int32_t> codes;
  for (int64_t i = 0; i < count; ++i) {
    codes.push_back(static_cast<int32_t>(stream.below(static_cast<uint64_t>(i), bound)));
  }
  return codes;
}

float weight_of(const std::vector<int32_t>& codes, int64_t stride,
                const std::vector<int32_t>& query, int64_t j) {
  int meetings = 0;
  for (size_t r = 0; r < query.size(); ++r) {
    const int64_t difference =
        int64_t{query[r]} - codes[r * static_cast<size_t>(stride) + static_cast<size_t>(j)];
    if (difference == 0 || difference == 1) ++meetings;
  }
  return 1.0F / static_cast<float>(std::max(1, meetings));
}

TEST_P(Meetings, EqualBruteForceWithinTheRange) {
  const int64_t stride = 77;
  for (const int64_t rounds : {0, 1, 2, 3, 4, 8, 16}) {
    const auto codes = random_codes(static_cast<uint64_t>(rounds), rounds * stride, 5);
    const auto query = random_codes(99, rounds, 5);
    for (const int64_t begin : {0, 1, 5, 16}) {
      for (int64_t end = begin; end <= stride; ++end) {
        SCOPED_TRACE(testing::Message() << rounds << " rounds, [" << begin << ", " << end << ")");
        // The guards around [begin, end) are those of a row that begins there.
        Guarded weight = guarded_row(end - begin, begin % 3);
        meeting_weights(codes.data(), stride, query.data(), rounds, begin, end,
                        weight.data() - begin);
        expect_exactly(
            weight, [&](int64_t, int64_t i) { return weight_of(codes, stride, query, begin + i); });
        if (HasFailure()) return;
      }
    }
  }
}

TEST_P(Meetings, OnlyDifferencesOfZeroAndOneCount) {
  const int32_t largest = std::numeric_limits<int32_t>::max();
  // Two equal rounds: a key that meets has weight 1/2, another 1.
  for (const int32_t query : {0, 1, 2, 7, 1'000'000, largest}) {
    std::vector<int32_t> codes;
    for (const int32_t code : {0, 1, 2, 3, 5, 6, 7, 8, 9, 999'998, 999'999, 1'000'000, 1'000'001,
                               largest - 2, largest - 1, largest}) {
      codes.push_back(code);
    }
    const auto n = static_cast<int64_t>(codes.size());
    for (int64_t j = 0; j < n; ++j) codes.push_back(codes[static_cast<size_t>(j)]);
    const std::vector<int32_t> queries = {query, query};
    Guarded weight = guarded_row(n);
    meeting_weights(codes.data(), n, queries.data(), 2, 0, n, weight.data());
    for (int64_t j = 0; j < n; ++j) {
      const int32_t code = codes[static_cast<size_t>(j)];
      const bool meets = code == query || code == query - 1;
      EXPECT_EQ(weight[j], meets ? 0.5F : 1.0F) << "query " << query << " key " << code;
    }
  }
}

}  // namespace
}  // namespace reformer
