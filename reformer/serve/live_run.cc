#include "reformer/serve/live_run.h"

#include <sys/stat.h>

#include <algorithm>

#include "reformer/base/error.h"
#include "reformer/base/json_line.h"
#include "reformer/report/report.h"
#include "reformer/run/exported_run.h"
#include "reformer/run/run_files.h"
#include "reformer/run/run_lock.h"

namespace reformer {
namespace {

using nlohmann::ordered_json;

// So many rows, or this part of all, are sent one by one before the curves are cut anew.
constexpr int64_t kRowsOneByOne = 1024;
constexpr int64_t kPartOneByOne = 32;
constexpr int kRetryEvery = 25;  // looks

// What changes while a run goes on, but for the rows of its curves.
RunRecords progress_of(RunReader& reader) {
  return {reader.state(), reader.sessions(), {}, reader.evaluations(), reader.events()};
}

// The fields of run_progress(), of a whole part.
ordered_json progress_in(const ordered_json& part) {
  ordered_json progress;
  for (const char* field : {"step", "status", "reason", "seconds", "updated_at", "sessions",
                            "events", "events_left_out", "evaluations"}) {
    progress[field] = part.at(field);
  }
  return progress;
}

}  // namespace

FileMark mark_of(const std::filesystem::path& file) {
  struct stat status = {};
  if (::stat(file.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino, status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
          status.st_size};
}

// Only a lock that somebody has is tried again and again: trying takes a free one for an instant.
bool LiveRun::is_held() {
  const std::filesystem::path path = RunFiles{source_.path}.lock();
  const FileMark mark = mark_of(path);
  if (held_ || mark != lock_) held_ = RunLock::holder_of(path).has_value();
  lock_ = mark;
  return held_;
}

LiveRun::News LiveRun::look(const RunDetail& detail) {
  const RunFiles files{source_.path};
  const FileMark database =
      mark_of(is_exported_run(source_.path) ? source_.path : files.database());
  const FileMark config = mark_of(files.config());
  const bool held_before = held_;
  const bool changed = database != database_ || config != config_;
  const bool turned = is_held() != held_before;
  const bool retry = problem_ && --retry_in_ <= 0;
  if (!changed && !unsettled_ && !turned && !retry) return {};
  unsettled_ = changed;
  database_ = database;
  const bool other_config = config != std::exchange(config_, config);
  try {
    if (other_config) shown_ = false;
    News news = read(detail);
    problem_.reset();
    return news;
  } catch (const std::exception& error) {
    part_ = nullptr;
    // A training that begins has not made its database yet.
    if (held_ && database.size < 0 && !shown_) return {};
    problem_ = problem_of(source_, error.what());
    retry_in_ = kRetryEvery;
    if (!std::exchange(shown_, false)) return {};
    return {News::Kind::gone, {{"name", source_.name}}};
  }
}

LiveRun::News LiveRun::read(const RunDetail& detail) {
  if (is_exported_run(source_.path)) {
    const ordered_json before = shown_ ? std::exchange(part_, nullptr) : nullptr;
    News news = whole(detail);
    return news.content == before ? News{} : news;
  }
  RunReader reader(RunFiles{source_.path}.database());
  const bool goes_back = reader.sessions().size() != sessions_ || reader.state().step < step_;
  if (!shown_ || goes_back) return whole(detail);
  const std::vector<StepMetrics> rows = reader.metrics(step_);
  rows_ += static_cast<int64_t>(rows.size());
  if (rows_ > std::max(kRowsOneByOne, step_ / kPartOneByOne)) return whole(detail);
  ordered_json progress = run_progress(progress_of(reader), held_, detail);
  std::string text = json_line(progress);
  if (rows.empty() && text == progress_) return {};
  progress_ = std::move(text);
  if (!rows.empty()) step_ = rows.back().step;
  current_ = false;
  ordered_json content = {{"name", source_.name}};
  content.update(progress);
  content["rows"] = rows_json(rows);
  return {News::Kind::rows, std::move(content)};
}

LiveRun::News LiveRun::whole(const RunDetail& detail) {
  part_ = run_part(source_, detail);
  // Rows that are committed between two looks into the database may be in the curves already; they
  // are told again, and clients know them by their steps.
  step_ = part_["step"].get<int64_t>();
  sessions_ = part_["sessions"].size();
  rows_ = 0;
  progress_ = json_line(progress_in(part_));
  shown_ = current_ = true;
  return {News::Kind::whole, part_};
}

const ordered_json& LiveRun::part(const RunDetail& detail) {
  if (!shown_ || current_) return part_;
  try {
    part_ = run_part(source_, detail);
    current_ = true;
  } catch (const std::exception&) {
    part_ = nullptr;  // the next look says why
    unsettled_ = true;
  }
  return part_;
}

}  // namespace reformer
