// One run of a live report, and what became of it since the last look.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "reformer/report/run_part.h"
#include "reformer/report/sources.h"

namespace reformer {

// By what a changed file is told from an unchanged one, without opening it.
struct FileMark {
  uint64_t device = 0, inode = 0;
  int64_t seconds = 0, nanoseconds = 0, size = -1;  // size -1: there is none
  bool operator==(const FileMark&) const = default;
};
FileMark mark_of(const std::filesystem::path& file);

class LiveRun {
 public:
  explicit LiveRun(ReportSource source) : source_(std::move(source)) {}

  const ReportSource& source() const { return source_; }

  // What clients have to be told.
  struct News {
    enum class Kind {
      none,
      rows,   // continues what they have: {"name", run_progress(), rows_json()}
      whole,  // replaces it: run_part()
      gone    // it cannot be read any more
    } kind = Kind::none;
    nlohmann::ordered_json content;
  };

  // Opens the database only where it changed since the last look, or may have. A run that cannot be
  // read throws no Error: it has a problem(). A whole part comes again once many rows came one by
  // one, so that curves stay as short as those of a report.
  News look(const RunDetail& detail);

  // Why the run cannot be read, if so.
  const std::optional<ReportProblem>& problem() const { return problem_; }

  // run_part() as of the last look or later; null where the run cannot be read.
  const nlohmann::ordered_json& part(const RunDetail& detail);

 private:
  News read(const RunDetail& detail);
  News whole(const RunDetail& detail);
  bool is_held();

  ReportSource source_;
  FileMark database_, config_, lock_;
  bool unsettled_ = true;  // it changed lately: its time stamp may be that of two changes
  int retry_in_ = 0;       // looks, after which a run with a problem is read again
  bool held_ = false;
  bool shown_ = false;    // clients have a part of it
  bool current_ = false;  // part_ has all that they were told
  int64_t step_ = 0;      // of the newest row that they were told of
  int64_t rows_ = 0;      // that they were told of one by one, since the last whole part
  size_t sessions_ = 0;
  std::string progress_;  // as they were told last
  nlohmann::ordered_json part_;
  std::optional<ReportProblem> problem_;
};

}  // namespace reformer
