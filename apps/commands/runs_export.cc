// reformer runs export: a run for other programs.
#include <fmt/format.h>

#include <utility>

#include "apps/commands/runs.h"
#include "apps/output.h"
#include "apps/setting_flags.h"
#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/run/output_directory.h"
#include "reformer/run/run_export.h"
#include "reformer/run/run_files.h"

namespace reformer::apps {

enum class ExportFormat { csv, json, tensorboard };

}  // namespace reformer::apps

template <>
struct reformer::EnumNames<reformer::apps::ExportFormat> {
  static constexpr std::pair<apps::ExportFormat, std::string_view> names[] = {
      {apps::ExportFormat::csv, "csv"},
      {apps::ExportFormat::json, "json"},
      {apps::ExportFormat::tensorboard, "tensorboard"}};
};

namespace reformer::apps {
namespace {

struct ExportFlags {
  ExportFormat format = ExportFormat::csv;
  RunTable table = RunTable::metrics;
  bool anonymous = false;

  template <class Visitor>
  void visit(Visitor&& v) {
    v("format", format, "of the file [csv]");
    v("table", table, "that is written as csv [metrics]");
    v("anonymous", anonymous, "json without names of machines and processes [false]");
  }
};

class RunsExport {
 public:
  explicit RunsExport(CLI::App& command) {
    command.add_option("RUN", directory_, "directory of the run")->required();
    flags_.add(command, settings_of(values_), "Options");
    command
        .add_option("-o,--out", out_,
                    "file to write (tensorboard: directory); without: the standard output")
        ->type_name("PATH");
  }

  int run() {
    flags_.write_given(settings_of(values_));
    if (values_.format != ExportFormat::csv && flags_.given("table")) {
      fail("--table", "expected --format csv beside it, found {}; try without --table",
           enum_name(values_.format));
    }
    if (values_.format != ExportFormat::json && values_.anonymous) {
      fail("--anonymous", "expected --format json beside it, found {}; try --format json",
           enum_name(values_.format));
    }
    if (!out_.empty()) require_outside_runs(out_, "--out");
    const RunFiles files{directory_};
    RunReader reader(files.database());
    if (values_.format == ExportFormat::tensorboard) {
      write_events(reader);
    } else {
      const auto whereabouts = values_.anonymous ? Whereabouts::left_out : Whereabouts::kept;
      write_text(values_.format == ExportFormat::csv ? run_csv(reader, values_.table)
                                                     : run_json(files, reader, whereabouts));
    }
    return 0;
  }

 private:
  void write_text(const std::string& text) const {
    if (out_.empty()) {
      print(text);
    } else {
      write_file_atomically(out_, text);
      print(fmt::format("wrote {}\n", out_));
    }
  }

  void write_events(RunReader& reader) const {
    if (out_.empty()) {
      fail("--out", "expected a directory for TensorBoard, found none; try --out logs/NAME");
    }
    const OutputDirectory directory(out_);
    const auto path = directory.path() / event_file_name(reader.state());
    write_file_atomically(path, run_event_file(reader));
    print(fmt::format("wrote {}\n", path.string()));
  }

  std::string directory_, out_;
  ExportFlags values_;
  SettingFlags flags_;
};

}  // namespace

void add_runs_export(CLI::App& runs, Action& chosen) {
  bind_command<RunsExport>(*runs.add_subcommand("export", "as CSV, JSON or for TensorBoard"),
                           chosen);
}

}  // namespace reformer::apps
