// What every mistake of a user has to end in.
#pragma once

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/support/program.h"

namespace reformer::test {

// Exit code 2, nothing on the standard output, and one line "reformer: [where] ..." on the standard
// error that has all of `parts`.
inline void expect_mistake(const Outcome& outcome, const std::vector<std::string>& parts) {
  EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, testing::StartsWith("reformer: ["));
  EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << outcome.err;
  for (const std::string& part : parts) EXPECT_THAT(outcome.err, testing::HasSubstr(part));
}

}  // namespace reformer::test
