#include "reformer/run/run_export.h"

#include <map>
#include <optional>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/base/json.h"
#include "reformer/base/json_line.h"
#include "reformer/run/event_file.h"
#include "reformer/run/record_json.h"

namespace reformer {
namespace {

using nlohmann::ordered_json;

std::string csv_cell(const ordered_json& value) {
  if (value.is_null()) return "";
  if (!value.is_string()) return json_line(value);
  const auto& text = value.get_ref<const std::string&>();
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

template <class Row>
std::string csv(const std::vector<Row>& rows) {
  std::string out;
  const auto add_line = [&out](const ordered_json& row, auto text_of) {
    const char* separator = "";
    for (const auto& item : row.items()) {
      out += separator;
      out += text_of(item);
      separator = ",";
    }
    out += "\n";
  };
  add_line(to_json(Row{}), [](const auto& item) { return item.key(); });
  for (const Row& row : rows) {
    add_line(to_json(row), [](const auto& item) { return csv_cell(item.value()); });
  }
  return out;
}

template <class Row>
std::string json_list(const std::vector<Row>& rows) {
  std::string out = "[";
  const char* separator = "\n";
  for (const Row& row : rows) {
    out += separator + json_line(to_json(row));
    separator = ",\n";
  }
  return out + "]";
}

// Steps have no time of day of their own: the time that was trained is counted from the start.
class Curves {
 public:
  explicit Curves(double created_at) : start_(created_at), file_(created_at) {}

  void add(double seconds, int64_t step, const std::string& tag, const ordered_json& value) {
    if (value.is_null()) return;
    file_.add_scalar(start_ + seconds, step, tag, value.get<float>());
  }

  const std::string& bytes() const { return file_.bytes(); }

 private:
  double start_;
  EventFile file_;
};

// "validation/lsh-4/consistent", and what else tells an evaluation apart from the first of those.
class ValidationNames {
 public:
  std::string name_of(const EvaluationRecord& e) {
    std::string name = fmt::format("validation/{}/{}", e.attention, e.semantics);
    const std::string rest =
        fmt::format("data-{}-rotation-{}-sequences-{}", e.data_seed, e.rotation_seed, e.sequences);
    const auto [first, is_first] = first_.emplace(name, rest);
    return is_first || first->second == rest ? name : name + "/" + rest;
  }

 private:
  std::map<std::string, std::string> first_;
};

}  // namespace

std::string run_csv(RunReader& reader, RunTable table) {
  switch (table) {
    case RunTable::metrics:
      return csv(reader.metrics());
    case RunTable::evaluations:
      return csv(reader.evaluations());
    case RunTable::events:
      return csv(reader.events());
    case RunTable::sessions:
      return csv(reader.sessions());
  }
  REFORMER_CHECK(false);
  return "";
}

std::string run_json(const RunFiles& files, RunReader& reader, Whereabouts whereabouts) {
  ordered_json config = parse_json(read_file(files.config()), files.config().string());
  RunRecords records = reader.records();
  if (whereabouts == Whereabouts::left_out) {
    if (const auto by = config.find(kWrittenBy); by != config.end() && by->is_object()) {
      by->erase("host");
    }
    for (Session& session : records.sessions) {
      session.host.clear();
      session.pid = 0;
    }
  }
  return fmt::format(
      "{{\"config\": {},\n\"run\": {},\n\"sessions\": {},\n\"metrics\": {},\n\"evaluations\": {},\n"
      "\"events\": {}}}\n",
      json_line(config), json_line(to_json(records.state)), json_list(records.sessions),
      json_list(records.metrics), json_list(records.evaluations), json_list(records.events));
}

std::string run_event_file(RunReader& reader) {
  Curves curves(reader.state().created_at);
  std::map<int64_t, double> seconds_at;
  for (const StepMetrics& m : reader.metrics()) {
    seconds_at[m.step] = m.seconds;
    const ordered_json row = to_json(m);
    for (const char* column :
         {"loss", "accuracy", "learning_rate", "momentum", "gradient_norm", "lost_pairs",
          "hash_recall", "attention_entropy", "steps_per_second"}) {
      curves.add(m.seconds, m.step, fmt::format("train/{}", column), row[column]);
    }
  }
  ValidationNames names;
  for (const EvaluationRecord& e : reader.evaluations()) {
    const ordered_json row = to_json(e);
    const auto at = seconds_at.find(e.step);
    for (const char* column :
         {"loss", "accuracy", "lost_pairs", "hash_recall", "attention_entropy"}) {
      curves.add(at == seconds_at.end() ? 0 : at->second, e.step,
                 fmt::format("{}/{}", names.name_of(e), column), row[column]);
    }
  }
  return curves.bytes();
}

std::string event_file_name(const RunState& state) {
  return fmt::format("events.out.tfevents.{:010d}.reformer",
                     static_cast<int64_t>(state.created_at));
}

}  // namespace reformer
