// Where the things that a report shows lie.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace reformer {

// Something that a report would show and cannot, and why.
struct ReportProblem {
  std::string name;
  std::string message;
};

// Named for people, without the folders above the one that was asked for.
struct ReportSource {
  std::string name;
  std::filesystem::path path;
};

struct ReportSources {
  std::vector<ReportSource> runs;     // directories, and files of exported runs
  std::vector<ReportSource> results;  // JSON files, of whatever content
};

// Runs and JSON files at and under `paths`, sorted within each. Does not look into runs, behind
// symbolic links and at names that begin with a dot; what may not be read is left out. Throws Error
// when one of `paths` is neither a file nor a directory that can be read.
ReportSources find_report_sources(const std::vector<std::filesystem::path>& paths);

}  // namespace reformer
