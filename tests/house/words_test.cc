// The project names no place of the machine it was written on, and downloads nothing by address.
#include <gtest/gtest.h>

#include "tests/house/source_tree.h"

namespace reformer::house {
namespace {

// Each word is cut in two, so that this file does not break its own rule.
const std::vector<std::string>& forbidden() {
  static const std::vector<std::string> kWords = {
      "/wo"
      "rk/",
      "/tmp/"
      "team",
      "/ro"
      "ot/",
      "/home/"
      "user",
      "registry."
      "npmjs",
      "pypi."
      "org",
      "pythonhosted"
      ".org",
      "deb.debian"
      ".org",
      "archive.ubuntu"
      ".",
      "proxy.golang"
      ".org",
      "crates"
      ".io",
      "api.nuget"
      ".org",
      "repo.maven"
      ".",
      "repo1.maven"
      ".",
      "conda.anaconda"
      "."};
  return kWords;
}

std::vector<Offence> forbidden_words(const TextFile& file) {
  std::vector<Offence> offences;
  std::size_t number = 0;
  for (const auto& line : split_lines(file.text)) {
    ++number;
    for (const auto& word : forbidden()) {
      if (line.find(word) != std::string::npos) {
        offences.push_back(
            {file.path, number, "names a machine or a package host: \"" + word + "\""});
      }
    }
  }
  return offences;
}

TEST(Words, EachForbiddenWordIsFound) {
  for (const auto& word : forbidden()) {
    const auto offences = forbidden_words({"a.md", "first line\nsee " + word + " there\n"});
    ASSERT_EQ(offences.size(), 1u) << word;
    EXPECT_EQ(offences[0].line, 2u);
  }
  EXPECT_TRUE(forbidden_words({"a.md", "homework/page, ~/runs, network/\n"}).empty());
}

TEST(Words, NoneInTheProject) {
  const auto files = read_tree("", {});
  EXPECT_FALSE(files.empty());
  for (const auto& file : files) report(forbidden_words(file));
}

}  // namespace
}  // namespace reformer::house
