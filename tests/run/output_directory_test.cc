#include "reformer/run/output_directory.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "reformer/base/error.h"

namespace reformer {
namespace {

namespace fs = std::filesystem;

class OutputDirectoryTest : public testing::Test {
 protected:
  OutputDirectoryTest() {
    std::string name = (fs::temp_directory_path() / "reformer-output-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    root_ = name;
  }
  ~OutputDirectoryTest() override { fs::remove_all(root_); }

  fs::path root_;
};

TEST_F(OutputDirectoryTest, GoesAgainWhenNothingIsKept) {
  for (const char* name : {"a/b/c", "a/b/", "a/./b/../c"}) {
    {
      const OutputDirectory directory(root_ / name);
      EXPECT_TRUE(fs::is_directory(directory.path())) << name;
      EXPECT_TRUE(fs::is_empty(directory.path())) << name;
    }
    EXPECT_TRUE(fs::is_empty(root_)) << name;
  }
}

TEST_F(OutputDirectoryTest, StaysWithWhatIsInIt) {
  {
    const OutputDirectory directory(root_ / "a/b");
    std::ofstream(directory.path() / "file") << "kept";
  }
  EXPECT_TRUE(fs::exists(root_ / "a/b/file"));
}

TEST_F(OutputDirectoryTest, LeavesEmptyDirectoriesOfBefore) {
  fs::create_directories(root_ / "a");
  {
    const OutputDirectory directory(root_ / "a/b");
  }
  EXPECT_TRUE(fs::is_directory(root_ / "a"));
  {
    const OutputDirectory directory(root_ / "a");
  }
  EXPECT_TRUE(fs::is_directory(root_ / "a"));
}

TEST_F(OutputDirectoryTest, RefusesWhereNothingCanBeWritten) {
  std::ofstream(root_ / "file") << "kept";
  EXPECT_THROW(OutputDirectory(root_ / "file/run"), Error);
  EXPECT_THROW(OutputDirectory(root_ / "file"), Error);
}

// Root may do everything, but here it cannot.
TEST_F(OutputDirectoryTest, TriesRatherThanAsks) {
  if (!fs::exists("/proc/self")) GTEST_SKIP() << "there is no /proc";
  EXPECT_THROW(OutputDirectory("/proc/self"), Error);
}

}  // namespace
}  // namespace reformer
