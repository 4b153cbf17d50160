// reformer report: what runs and studies found, as one page to look at and to share.
#include "reformer/report/report.h"

#include <fmt/format.h>

#include <cstdio>
#include <limits>
#include <map>

#include "apps/commands/commands.h"
#include "apps/output.h"
#include "apps/text_list.h"
#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/base/json.h"
#include "reformer/report/attention_part.h"
#include "reformer/report/chart.h"
#include "reformer/report/markdown.h"
#include "reformer/report/page.h"
#include "reformer/run/run_files.h"

namespace reformer::apps {
namespace {

constexpr const char* kReportExamples = R"(Examples:
  reformer report runs -o report.html                 a page: open it in a browser, send it on
  reformer report out results/bench -o report.html    runs and tables of a study, with speed
  reformer report runs --format markdown              the numbers, to the terminal
  reformer report results --format svg --chart table -o table.svg    one chart, for a document

DIR is a run, a directory with runs in it at any depth, or one that holds what `reformer experiment`
and `reformer bench --json` wrote. What cannot be read is named, and left out.)";

class ReportCommand {
 public:
  explicit ReportCommand(CLI::App& command) {
    command.add_option("dirs", dirs_, "directories of runs and results, or files of results")
        ->type_name("DIR...")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->required();
    command.add_option("-o,--out", out_, "file to write [report.html; text goes to the terminal]")
        ->type_name("FILE");
    command.add_option("--format", format_, "page, Markdown, JSON or one chart [html]")
        ->type_name("html|markdown|json|svg");
    chart_option_ = command.add_option("--chart", chart_, "what the SVG shows [table]")
                        ->type_name("table|training|speed");
    command.add_flag("--attention", attention_,
                     "with pictures of attention of the runs that have a model");
    sequences_option_ =
        command.add_option("--sequences", sequences_, "validation sequences that these show [0]")
            ->type_name("N,...");
    command.add_flag("--quiet", quiet_, "do not say what was written");
  }

  int run() {
    if (!out_.empty()) require_outside_runs(out_, "--out");
    const std::string text = text_of(read());
    if (out_.empty() && format_ != "html") {
      print(text);
      return 0;
    }
    const std::string file = out_.empty() ? "report.html" : out_;
    write_file_atomically(file, text);
    if (!quiet_)
      print(fmt::format("wrote {} ({:.1f} kB)\n", file, 1e-3 * static_cast<double>(text.size())));
    return 0;
  }

 private:
  Report read() const {
    const std::vector<std::string> formats = {"html", "markdown", "json", "svg"};
    if (std::ranges::find(formats, format_) == formats.end()) {
      fail("--format", "expected html, markdown, json or svg, found {}{}", quote_text(format_),
           did_you_mean(format_, formats));
    }
    if (chart_option_->count() > 0 && format_ != "svg") {
      fail("--chart", "expected --format svg beside it, found {}", format_);
    }
    if (sequences_option_->count() > 0 && !attention_) {
      fail("--sequences", "expected --attention beside it, found none");
    }
    if (attention_ && format_ == "svg") {
      fail("--attention",
           "expected no --format svg beside it, which is one chart of numbers, found "
           "both; try the other formats");
    }
    const std::vector<int64_t> sequences =
        split_integers("--sequences", sequences_, 0, std::numeric_limits<int64_t>::max());
    if (sequences.empty()) fail("--sequences", "expected a list like 0,5, found nothing");
    const auto encoding = format_ == "html" ? CurveEncoding::packed : CurveEncoding::numbers;
    Report report = make_report({dirs_.begin(), dirs_.end()}, encoding);
    if (attention_) {
      add_attention(report, find_report_sources({dirs_.begin(), dirs_.end()}).runs, sequences);
    }
    for (const ReportProblem& problem : report.problems) {
      std::fputs(
          fmt::format("reformer: left out {}: {}\n", quote_text(problem.name), problem.message)
              .c_str(),
          stderr);
    }
    return report;
  }

  std::string text_of(const Report& report) const {
    if (format_ == "html") return report_html(report.document);
    if (format_ == "svg") return chart_svg(report.document, chart_);
    if (format_ == "markdown") return report_markdown(report.document);
    const auto replace = nlohmann::ordered_json::error_handler_t::replace;
    return report.document.dump(1, ' ', false, replace) + "\n";
  }

  std::vector<std::string> dirs_;
  CLI::Option *chart_option_ = nullptr, *sequences_option_ = nullptr;
  std::string out_, format_ = "html", chart_ = "table", sequences_ = "0";
  bool quiet_ = false, attention_ = false;
};

}  // namespace

void add_report(CLI::App& program, Action& chosen) {
  CLI::App* command =
      program.add_subcommand("report", "a page of what runs and studies found, to share");
  command->footer(kReportExamples);
  bind_command<ReportCommand>(*command, chosen);
}

}  // namespace reformer::apps
