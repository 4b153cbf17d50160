#include "reformer/base/text_table.h"

#include <gtest/gtest.h>

namespace reformer {
namespace {

TEST(TextTable, AlignsColumnsAndEndsLinesAtTheirText) {
  const TableRows rows = {{"name", "n", "note"}, {"a", "100", ""}, {"longer", "7", "x"}};
  EXPECT_EQ(text_table(rows, {false, true}),
            "name      n  note\n"
            "a       100\n"
            "longer    7  x\n");
}

TEST(TextTable, MarkdownEscapesPipes) {
  EXPECT_EQ(markdown_table({{"flag", "values"}, {"--on", "yes|no"}}),
            "| flag | values |\n"
            "|---|---|\n"
            "| --on | yes\\|no |\n");
}

}  // namespace
}  // namespace reformer
