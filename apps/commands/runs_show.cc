// reformer runs show: all that a run's files say, but its curves.
#include <fmt/format.h>

#include "apps/commands/runs.h"
#include "apps/output.h"
#include "apps/run_text.h"
#include "reformer/base/error.h"
#include "reformer/base/text_table.h"
#include "reformer/run/record_json.h"
#include "reformer/run/run_files.h"

namespace reformer::apps {
namespace {

constexpr size_t kLineLength = 100;

// "model    vocabulary=128 length=128 ..." in lines of that length.
std::string settings_text(const nlohmann::ordered_json& config) {
  std::string out;
  for (const auto& [part, values] : config.items()) {
    std::string line = fmt::format("{:10}", part);
    for (const auto& [name, value] : values.items()) {
      const std::string text =
          fmt::format(" {}={}", name, value.is_string() ? value.get<std::string>() : value.dump());
      if (line.size() + text.size() > kLineLength) {
        out += line + "\n";
        line = fmt::format("{:10}", "");
      }
      line += text;
    }
    out += line + "\n";
  }
  return out;
}

class RunsShow {
 public:
  explicit RunsShow(CLI::App& command) {
    command.add_option("RUN", directory_, "directory of the run")->required();
    command.add_flag("--json", json_, "print the result as JSON");
  }

  int run() const {
    const RunFiles files{directory_};
    RunReader reader(files.database());
    const RunConfig config = read_run_config(files);
    const RunSummary summary = summarise_run(directory_);
    if (!summary.error.empty()) throw Error(summary.error);
    print(json_ ? json_result(summary, config, reader) : text_result(summary, config, reader));
    return 0;
  }

 private:
  static std::string text_result(const RunSummary& summary, const RunConfig& config,
                                 RunReader& reader) {
    return head(summary) + "\nSettings\n\n" + settings_text(to_json(config)) + "\nSessions\n\n" +
           sessions(reader) + "\nLatest step\n\n" + latest(summary) + "\nEvaluations\n\n" +
           evaluations(reader) + "\nEvents\n\n" + events(reader);
  }

  static std::string head(const RunSummary& summary) {
    const RunState& s = summary.state;
    std::string out = fmt::format("{}: {} attention, seed {}, {} after {} of {} steps ({})\n",
                                  summary.path.string(), plain_text(s.name), s.seed,
                                  summary.status(), s.step, s.steps, duration_text(s.seconds));
    if (!s.reason.empty()) out += printable(s.reason) + "\n";
    return out;
  }

  static std::string sessions(RunReader& reader) {
    TableRows rows = {{"started", "ended", "from", "to", "threads", "host", "SIMD", "version"}};
    for (const Session& s : reader.sessions()) {
      rows.push_back({time_text(s.started_at), time_text(s.ended_at),
                      fmt::format("{}", s.first_step), fmt::format("{}", s.last_step),
                      fmt::format("{}", s.threads), plain_text(s.host), plain_text(s.simd),
                      plain_text(fmt::format("{} ({})", s.version, s.commit))});
    }
    return text_table(rows, {false, false, true, true, true});
  }

  static std::string latest(const RunSummary& summary) {
    if (!summary.last) return "none\n";
    std::string out;
    const nlohmann::ordered_json row = to_json(*summary.last);
    for (const auto& [column, value] : row.items()) {
      if (!value.is_null()) out += fmt::format("{:18} {}\n", column, value.dump());
    }
    return out;
  }

  static std::string evaluations(RunReader& reader) {
    TableRows rows = {{"step", "attention", "semantics", "sequences", "loss", "accuracy",
                       "lost pairs", "hash recall", "entropy"}};
    for (const EvaluationRecord& e : reader.evaluations()) {
      rows.push_back({fmt::format("{}", e.step), plain_text(e.attention), plain_text(e.semantics),
                      fmt::format("{}", e.sequences), number_text(e.loss), percent_text(e.accuracy),
                      fmt::format("{}", e.lost_pairs), percent_text(e.hash_recall),
                      number_text(e.attention_entropy)});
    }
    return text_table(rows, {true, false, false, true, true, true, true, true, true});
  }

  static std::string events(RunReader& reader) {
    std::string out;
    for (const Event& e : reader.events()) {
      out += fmt::format("{}  step {}  {}: {}\n", time_text(e.time), e.step, enum_name(e.level),
                         printable(e.message));
    }
    return out;
  }

  static std::string json_result(const RunSummary& summary, const RunConfig& config,
                                 RunReader& reader) {
    nlohmann::ordered_json result = summary_json(summary);
    result["config"] = to_json(config);
    for (const char* list : {"sessions", "evaluations", "events"}) {
      result[list] = nlohmann::ordered_json::array();
    }
    for (const Session& session : reader.sessions()) result["sessions"].push_back(to_json(session));
    for (const EvaluationRecord& e : reader.evaluations()) {
      result["evaluations"].push_back(to_json(e));
    }
    for (const Event& event : reader.events()) result["events"].push_back(to_json(event));
    return json_text(result);
  }

  std::string directory_;
  bool json_ = false;
};

}  // namespace

void add_runs_show(CLI::App& runs, Action& chosen) {
  bind_command<RunsShow>(*runs.add_subcommand("show", "all about one run but its curves"), chosen);
}

}  // namespace reformer::apps
