// How a sweep is run, whatever it is about: the flags, and the way from description to result.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "apps/setting_flags.h"
#include "apps/training_progress.h"
#include "reformer/experiment/sweep_runner.h"

namespace reformer::apps {

// Throws Error that names the first of the members that failed.
void require_none_failed(std::span<const SweepMember> members,
                         std::span<const MemberOutcome> outcomes);

class SweepFlags {
 public:
  explicit SweepFlags(CLI::App& command);

  // Takes the values from the command line, before anything is created. Throws Error, also when
  // `in_runs` is false, so that nothing is trained in runs, and a flag is given that is about them.
  void read(bool in_runs = true);

  // Trains all members in `directory`, prints the result, and returns the exit code. Throws Error
  // when one failed, after all have ended.
  int run(const Sweep& sweep, const std::string& directory);

  // Trains the members only. `signal` is what stopped them, or 0.
  std::vector<MemberOutcome> train(std::span<const SweepMember> members,
                                   const std::filesystem::path& directory, int& signal);

  // Threads of what runs by itself.
  int threads_of_one() const { return threads_of_each(1); }

  // Threads of each of so many members.
  int threads_of_each(size_t members) const;

  ProgressOptions progress_options() const {
    return {.quiet = quiet_, .json = json_, .log_seconds = values_.log_seconds};
  }
  bool quiet() const { return quiet_; }
  bool json() const { return json_; }

 private:
  struct Values {
    int64_t jobs = 1, threads = 0, retries = 1;
    double log_seconds = 5;

    template <class Visitor>
    void visit(Visitor&& v) {
      v("jobs", jobs, between(1, 256), "runs at a time; changes no result");
      v("threads", threads, between(0, 1024), "threads of each run; 0: the machine's, shared");
      v("retries", retries, between(0, 100), "times that a run that failed is tried again");
      v("log_seconds", log_seconds, between(0, 1e6), "seconds between lines, if not on a terminal");
    }
  };

  int64_t jobs_for(size_t members) const;

  Values values_;
  SettingFlags flags_;
  bool quiet_ = false, json_ = false;
};

}  // namespace reformer::apps
