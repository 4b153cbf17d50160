// Counting in how many hash rounds a query and a key meet.
#pragma once

#include <cstdint>

namespace reformer {

// weight[j] = 1 / max(1, N_j) with N_j the number of rounds r in which key j meets the query, that
// is query[r] - codes[r * stride + j] is 0 or 1 (see lsh_rows.h for the codes).
// codes: [rounds, stride]   query: [rounds]   j in [begin, end)
void meeting_weights(const int32_t* codes, int64_t stride, const int32_t* query, int64_t rounds,
                     int64_t begin, int64_t end, float* weight);

}  // namespace reformer
