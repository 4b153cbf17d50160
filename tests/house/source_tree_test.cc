#include "tests/house/source_tree.h"

#include <gtest/gtest.h>

#include <string>

namespace reformer::house {
namespace {

TEST(SourceTree, LinesAreSplitWithoutATrailingEmptyOne) {
  EXPECT_EQ(split_lines("a\n\nb\n"), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(split_lines("a"), (std::vector<std::string>{"a"}));
  EXPECT_TRUE(split_lines("").empty());
}

TEST(SourceTree, CommentsAndLiteralsAreNotCode) {
  EXPECT_EQ(code_only("int a; // abort()\nint b;"), "int a;           \nint b;");
  EXPECT_EQ(code_only("x /* abort()\n */ y"), "x           \n    y");
  EXPECT_EQ(code_only(R"cc(f("a\"b", g))cc"), "f(      , g)");
  EXPECT_EQ(code_only("f('\"', g, '\\'')"), "f(   , g,     )");
  EXPECT_EQ(code_only("n = 1'000 + \"'\" + abort()").substr(16), "+ abort()");
  EXPECT_EQ(code_only("R\"(a\n\"b)\" c"), "    \n     c");
  EXPECT_EQ(code_only("/*" + std::string(1 << 20, 'a') + "*/b").back(), 'b');
  EXPECT_EQ(code_only("/* open").find_first_not_of(' '), std::string::npos);
}

TEST(SourceTree, FindsThisFileAndIgnoresTheBuild) {
  bool found = false;
  for (const auto& file : read_tree("", {".cc", ".txt"})) {
    found |= file.path == "tests/house/source_tree_test.cc";
    EXPECT_FALSE(file.path.starts_with("build/")) << file.path;
  }
  EXPECT_TRUE(found);
  EXPECT_TRUE(read_tree("no such folder", {}).empty());
}

}  // namespace
}  // namespace reformer::house
