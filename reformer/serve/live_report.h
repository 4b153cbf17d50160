// A report that follows what happens to runs and results: a document, and messages that keep a copy
// of it up to date.
#pragma once

#include <filesystem>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "reformer/report/report.h"
#include "reformer/serve/live_run.h"
#include "reformer/serve/message_log.h"
#include "reformer/serve/picture_request.h"

namespace reformer {

// The document after a number of messages, as JSON and in the page.
struct Snapshot {
  int64_t number = 0;
  SharedText json, html;
};

// Messages are server-sent events; after each the client knows its name, "EPOCH-NUMBER":
//   report  the whole document, with "live": {"since": name of the last message that is in it}
//   run     a run that is new or has to be replaced (run_part())
//   rows    what a run did: its fields that changed, and rows that continue its curves; steps that
//           a curve already has are to be left out
//   gone    {"name"}: a run that is deleted or damaged
//   rest    {"task", "tables", "discrepancies", "speeds", "problems"}
// So a client that has a document and all messages since then has what a new document would have.
class LiveReport {
 public:
  // epoch: tells this server from the ones before; letters and digits. Throws Error where `paths`
  // cannot be read now; what happens to them later is a problem in the document.
  LiveReport(std::vector<std::filesystem::path> paths, std::string epoch);

  // Looks at every run, and at every `kSearchEvery`-th call for new ones and for results. Returns
  // what is to be told.
  std::vector<SharedText> look();

  // As of the messages so far. Not made anew for a few looks while somebody holds the last one.
  Snapshot snapshot();

  // attention_part() of a run of the report, as JSON. Throws Error where it cannot be made; the
  // message names no path.
  SharedText picture(const PictureRequest& request) const;

  // The number in the name of a message of this epoch; nothing for any other text.
  std::optional<int64_t> number_of(std::string_view name) const;

  // The event "report" of a snapshot.
  SharedText report_event(const Snapshot& snapshot) const;

 private:
  static constexpr int kSearchEvery = 5;
  static constexpr int kSnapshotLives = 5;  // looks

  void search(std::vector<SharedText>& news);
  void read_results(const std::vector<ReportSource>& sources);
  void tell(std::vector<SharedText>& news, std::string_view event,
            const nlohmann::ordered_json& content);
  void look_at_rest(std::vector<SharedText>& news);
  std::string name_of(int64_t number) const;
  RunDetail detail() const;

  std::vector<std::filesystem::path> paths_;
  std::string epoch_;
  int64_t number_ = 0;  // of the newest message
  int64_t looks_ = 0;
  std::list<LiveRun> runs_;
  std::vector<std::pair<std::filesystem::path, FileMark>> results_;
  nlohmann::ordered_json base_;  // the document without its runs
  std::vector<ReportProblem> unreadable_, bad_results_, deleted_;
  std::string told_rest_;
  Snapshot last_;
  int64_t last_at_ = -kSnapshotLives;  // look
};

}  // namespace reformer
