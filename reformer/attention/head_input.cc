#include "reformer/attention/head_input.h"

#include "reformer/base/error.h"

namespace reformer {

void check_head_input(const HeadInput& in) {
  REFORMER_CHECK(in.qk.rows == in.v.rows && in.qk.cols == in.v.cols);
  REFORMER_CHECK(in.queries.begin >= 0 && in.queries.end <= in.qk.rows);
  REFORMER_CHECK(in.valid.empty() || static_cast<int64_t>(in.valid.size()) == in.qk.rows);
}

}  // namespace reformer
