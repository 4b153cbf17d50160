// A directory that results go to at the end of a long computation.
#pragma once

#include <filesystem>

namespace reformer {

class OutputDirectory {
 public:
  // Creates the directory and its parents where missing and writes a file for a try, so that it is
  // known before the computation that its result can be kept. Throws Error when that fails.
  explicit OutputDirectory(const std::filesystem::path& path);

  // What was created and is still empty is removed: a failure leaves nothing behind.
  ~OutputDirectory();
  OutputDirectory(const OutputDirectory&) = delete;
  OutputDirectory& operator=(const OutputDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  void remove_created();

  std::filesystem::path path_;
  std::filesystem::path existing_;  // the longest part of the path that was there before
};

}  // namespace reformer
