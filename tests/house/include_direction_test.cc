// The rooms of the house are stacked; an include may point into the same room or down, never up.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <regex>
#include <set>

#include "tests/house/source_tree.h"

namespace reformer::house {
namespace {

constexpr std::array<std::string_view, 12> kRoomsFromTheTop = {
    "apps",  "bench", "serve", "report",    "experiment", "run",
    "train", "task",  "model", "attention", "math",       "base"};

std::optional<std::size_t> depth(std::string_view room) {
  const auto* found = std::find(kRoomsFromTheTop.begin(), kRoomsFromTheTop.end(), room);
  if (found == kRoomsFromTheTop.end()) return std::nullopt;
  return static_cast<std::size_t>(found - kRoomsFromTheTop.begin());
}

// "reformer/math/gemm.h" and "math/..." are in math; "apps/main.cc" is in apps; a file outside all
// rooms is in "".
std::string room_of(const std::string& path) {
  static const std::regex kRoom("^(?:reformer/([a-z_]+)/|(apps)/)");
  std::smatch match;
  if (!std::regex_search(path, match, kRoom)) return "";
  return match[1].matched ? match[1].str() : match[2].str();
}

std::vector<Offence> upward_includes(const TextFile& file) {
  static const std::regex kInclude(
      R"re(^\s*#\s*(?:include|define\s+HWY_TARGET_INCLUDE)\s*"([^"]+)")re");
  const std::string room = room_of(file.path);
  const auto from = depth(room);
  if (!from) return {{file.path, 1, "this file is in no room of the house"}};

  std::vector<Offence> offences;
  std::size_t number = 0;
  for (const auto& line : split_lines(file.text)) {
    ++number;
    std::smatch match;
    if (!std::regex_search(line, match, kInclude)) continue;
    const std::string included = match[1];
    const std::string target = room_of(included);
    const auto to = depth(target);
    if (included.starts_with("hwy/")) continue;  // Highway's own examples quote its headers
    if (!to) {
      offences.push_back({file.path, number,
                          "\"" + included +
                              "\" names no room; write \"reformer/<room>/...\" for our "
                              "headers and <...> for others"});
    } else if (*to < *from) {
      offences.push_back(
          {file.path, number, "\"" + included + "\" points up, from " + room + " to " + target});
    }
  }
  return offences;
}

TEST(IncludeDirection, FindsWhatPointsUp) {
  const auto offences = upward_includes({"reformer/math/gemm.cc",
                                         "#include \"reformer/math/gemm.h\"\n"
                                         "#include <vector>\n"
                                         "#include \"reformer/base/error.h\"\n"
                                         "#include \"reformer/model/config.h\"\n"
                                         "  #  include \"apps/main.h\"\n"
                                         "#include \"gemm.h\"\n"
                                         "// #include \"reformer/train/x.h\"\n"});
  ASSERT_EQ(offences.size(), 3u);
  EXPECT_EQ(offences[0].line, 4u);
  EXPECT_EQ(offences[0].what, "\"reformer/model/config.h\" points up, from math to model");
  EXPECT_EQ(offences[1].line, 5u);
  EXPECT_EQ(offences[2].line, 6u);
  EXPECT_EQ(upward_includes({"reformer/attic/a.cc", ""}).size(), 1u);
  EXPECT_EQ(upward_includes({"reformer/a.cc", ""}).size(), 1u);
  EXPECT_TRUE(upward_includes({"apps/main.cc", "#include \"reformer/serve/a.h\"\n"}).empty());
}

TEST(IncludeDirection, NothingPointsUp) {
  for (const char* folder : {"reformer", "apps"}) {
    for (const auto& file : read_tree(folder, {".h", ".cc"})) report(upward_includes(file));
  }
}

std::vector<Offence> unmirrored(const std::set<std::string>& rooms_with_code,
                                const std::set<std::string>& rooms_with_tests) {
  static const std::set<std::string> kNotRooms{"house", "support", "fuzz", "faults"};
  std::vector<Offence> offences;
  for (const auto& room : rooms_with_code) {
    if (!rooms_with_tests.contains(room)) {
      offences.push_back({"tests/" + room, 1, "room " + room + " has code and no *_test.cc here"});
    }
  }
  for (const auto& room : rooms_with_tests) {
    if (!rooms_with_code.contains(room) && !kNotRooms.contains(room)) {
      offences.push_back({"tests/" + room, 1, "tests of a room that does not exist"});
    }
  }
  return offences;
}

TEST(TestsMirrorRooms, FindsBothDirections) {
  const auto offences = unmirrored({"base", "math"}, {"base", "maths", "house"});
  ASSERT_EQ(offences.size(), 2u);
  EXPECT_EQ(offences[0].path, "tests/math");
  EXPECT_EQ(offences[1].path, "tests/maths");
}

TEST(TestsMirrorRooms, EachRoomHasItsTests) {
  std::set<std::string> code;
  std::set<std::string> tests;
  for (const char* folder : {"reformer", "apps"}) {
    for (const auto& file : read_tree(folder, {".cc"})) code.insert(room_of(file.path));
  }
  for (const auto& folder : folders_in("tests")) {
    if (!read_tree("tests/" + folder, {"_test.cc"}).empty()) tests.insert(folder);
  }
  report(unmirrored(code, tests));
}

}  // namespace
}  // namespace reformer::house
