#include "reformer/report/markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "reformer/attention/semantics.h"
#include "reformer/base/text_table.h"

namespace reformer {
namespace {

using nlohmann::ordered_json;

// Shown as it is, on one line: what Markdown or HTML would read as markup is escaped.
std::string plain(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\`*_{}[]()<>#|!&~").find(c) != std::string_view::npos) out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out;
}

std::string value_text(const ordered_json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return plain(value.get<std::string>());
  if (value.is_number_float()) return fmt::format("{:g}", value.get<double>());
  return value.dump();
}

std::string percent(const ordered_json& cell) {
  if (cell.is_null()) return "";
  std::string out = fmt::format("{:.2f}", 100 * cell["mean"].get<double>());
  if (cell.contains("lowest")) {
    out += fmt::format(" [{:.2f}, {:.2f}]", 100 * cell["lowest"].get<double>(),
                       100 * cell["highest"].get<double>());
  }
  return out;
}

// The accuracy of the last evaluation under the attention and meaning of training.
std::string last_accuracy(const ordered_json& run) {
  for (const ordered_json& e : run["evaluations"]) {
    if (e["attention"] != run["attention"] || e["accuracy"].empty()) continue;
    if (e["semantics"] != run["config"]["model"]["semantics"]) continue;
    const ordered_json& last = e["accuracy"].back();
    if (!last.is_null()) return fmt::format("{:.2f}", 100 * last.get<double>());
  }
  return "";
}

std::string task_section(const ordered_json& task) {
  const size_t length = task["inputs"].size();
  const auto row = [](const char* name, const ordered_json& tokens, size_t begin, size_t end) {
    std::string out = fmt::format("- {}: `", name);
    for (size_t i = begin; i < end; ++i) out += (i > begin ? " " : "") + tokens[i].dump();
    return out + "`\n";
  };
  return "\n## The task\n\n" + row("first half, read", task["inputs"], 0, length / 2) +
         row("second half, read", task["inputs"], length / 2, length) +
         row("to be predicted there", task["targets"], length / 2, length) +
         fmt::format(
             "\nA sequence of {} tokens says the same word twice. Only the {} predictions at "
             "positions {} to {} count: each is found exactly {} positions back. Guessing gives "
             "{:.2f} %.\n",
             length, task["scored_end"].get<int64_t>() - task["scored_begin"].get<int64_t>(),
             task["scored_begin"].get<int64_t>(), task["scored_end"].get<int64_t>() - 1,
             length / 2 - 1, 100 * task["chance"].get<double>());
}

std::string runs_section(const ordered_json& runs) {
  TableRows rows = {{"run", "attention", "seed", "steps", "status", "accuracy, %", "seconds"}};
  for (const ordered_json& run : runs) {
    const double seconds = run["seconds"].is_null() ? 0 : run["seconds"].get<double>();
    rows.push_back({value_text(run["name"]), value_text(run["attention"]), value_text(run["seed"]),
                    fmt::format("{} of {}", run["step"].dump(), run["steps"].dump()),
                    value_text(run["status"]), last_accuracy(run), fmt::format("{:.1f}", seconds)});
  }
  return "\n## Runs\n\n" + markdown_table(rows);
}

std::string settings_section(const ordered_json& document) {
  TableRows rows = {{"setting"}};
  for (const ordered_json& run : document["runs"]) rows[0].push_back(value_text(run["name"]));
  for (const ordered_json& setting : document["settings"]) {
    std::vector<std::string> row = {"`" + setting["name"].get<std::string>() + "`"};
    std::set<std::string> distinct;
    for (const ordered_json& run : document["runs"]) {
      const std::string part = setting["part"];
      const std::string name = setting["name"];
      row.push_back(value_text(run["config"][part][name]));
      distinct.insert(row.back());
    }
    if (distinct.size() > 1) rows.push_back(row);
  }
  if (rows.size() == 1) return "";
  return "\n## Settings in which the runs differ\n\n" + markdown_table(rows);
}

// `per_cent_of` shows the entry in a row and column.
template <class Show>
std::string table_text(const std::string& title, const ordered_json& published, Show&& show) {
  TableRows rows = {{title}};
  for (const ordered_json& name : published["evaluated"]) rows[0].push_back(name);
  for (size_t i = 0; i < published["trained"].size(); ++i) {
    rows.push_back({published["trained"][i]});
    for (size_t j = 0; j < published["evaluated"].size(); ++j) rows.back().push_back(show(i, j));
  }
  return markdown_table(rows) + "\n";
}

std::string switches_text(const ordered_json& parts) {
  TableRows rows = {{"study", "trained", "evaluated", "under", "", "with", ""}};
  for (const ordered_json& part : parts) {
    for (const ordered_json& s : part["switches"]) {
      rows.push_back({value_text(part["title"]), value_text(s["trained"]),
                      value_text(s["evaluated"]), value_text(s["base"]), percent(s["before"]),
                      value_text(s["changes"]), percent(s["after"])});
    }
  }
  if (rows.size() == 1) return "";
  return "\nWhat one switch does to the same weights:\n\n" + markdown_table(rows);
}

std::string tables_section(const ordered_json& document) {
  const ordered_json& published = document["published"];
  std::string out =
      "\n## Trained with one attention, evaluated with another\n\n"
      "Rows: trained with. Columns: evaluated with. Per cent of the tokens that are predicted; of "
      "several seeds their mean, and in brackets the lowest and the highest seed.\n\n";
  for (const ordered_json& part : document["tables"]) {
    for (const ordered_json& table : part["tables"]) {
      const std::string title = plain(fmt::format("{}, {}", part["title"].get<std::string>(),
                                                  table["semantics"].get<std::string>()));
      out += table_text(title, published,
                        [&](size_t i, size_t j) { return percent(table["cells"][i][j]); });
    }
  }
  for (const auto& [key, title] :
       {std::pair{"paper", "paper, Table 2"}, {"seed_report", "seed report"}}) {
    out += table_text(title, published, [&, k = key](size_t i, size_t j) {
      return fmt::format("{:.2f}", published[k][i][j].get<double>());
    });
  }
  out.pop_back();
  return out + switches_text(document["tables"]);
}

std::string meanings_text(const ordered_json& meanings) {
  if (meanings.empty()) return "";
  TableRows rows = {{"model", "evaluated"}};
  for (const std::string& meaning : semantics_names()) rows[0].push_back(meaning);
  for (const ordered_json& row : meanings) {
    rows.push_back({value_text(row["model"]), value_text(row["evaluated"])});
    for (const std::string& meaning : semantics_names()) {
      rows.back().push_back(percent(row["cells"][meaning]));
    }
  }
  return "\nThe same weights under each program's meaning of attention:\n\n" + markdown_table(rows);
}

std::string discrepancies_section(const ordered_json& studies) {
  std::string out = "\n## Why the published tables differ\n";
  for (const ordered_json& study : studies) {
    TableRows rows = {{"model", "evaluated", "what the numbers say", "seeds"}};
    for (const ordered_json& c : study["comparisons"]) {
      rows.push_back({value_text(c["model"]), value_text(c["evaluated"]), value_text(c["verdict"]),
                      c["seeds"].dump()});
    }
    out += fmt::format("\n{} size: {}\n\n", value_text(study["size"]), value_text(study["name"]));
    out += markdown_table(rows) + meanings_text(study["meanings"]);
  }
  return out;
}

std::string speed_section(const ordered_json& speeds) {
  TableRows rows = {
      {"file", "what", "attention", "tokens", "batch", "tokens/s", "of peak", "peak MiB"}};
  for (const ordered_json& speed : speeds) {
    for (const char* what : {"train_step", "evaluate", "attention"}) {
      for (const ordered_json& row : speed[what]) {
        rows.push_back({value_text(speed["name"]), what, value_text(row["attention"]),
                        row["tokens"].dump(), row["batch"].dump(),
                        fmt::format("{:.0f}", row["tokens_per_second"].get<double>()),
                        fmt::format("{:.1f} %", 100 * row["fraction_of_peak"].get<double>()),
                        row.contains("peak_bytes")
                            ? fmt::format("{:.0f}", row["peak_bytes"].get<double>() / (1 << 20))
                            : ""});
      }
    }
  }
  return "\n## Speed\n\n" + markdown_table(rows);
}

// Fenced by more backticks than any name of a run has.
std::string commands_section(const ordered_json& document) {
  std::string commands;
  for (const char* parts : {"runs", "tables", "discrepancies", "speeds"}) {
    for (const ordered_json& part : document[parts]) {
      commands += part["command"].get<std::string>() + "\n";
    }
  }
  if (commands.empty()) return "";
  std::string fence = "```";
  while (commands.find(fence) != std::string::npos) fence += '`';
  return fmt::format(
      "\n## Run it again\n\nThe same command and the same instruction set give the same bits, for "
      "any number of threads; speeds are of the machine.\n\n{}sh\n{}{}\n",
      fence, commands, fence);
}

}  // namespace

std::string report_markdown(const ordered_json& document) {
  std::string out = "# Report\n";
  if (!document["task"].is_null()) out += task_section(document["task"]);
  if (!document["runs"].empty()) {
    out += runs_section(document["runs"]) + settings_section(document);
  }
  if (!document["tables"].empty()) out += tables_section(document);
  if (!document["discrepancies"].empty()) {
    out += discrepancies_section(document["discrepancies"]);
  }
  if (!document["speeds"].empty()) out += speed_section(document["speeds"]);
  out += commands_section(document);
  if (!document["problems"].empty()) {
    out += "\n## Not shown\n\n";
    for (const ordered_json& problem : document["problems"]) {
      out += fmt::format("- {}: {}\n", value_text(problem["name"]), value_text(problem["message"]));
    }
  }
  return out;
}

}  // namespace reformer
