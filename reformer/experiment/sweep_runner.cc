#include "reformer/experiment/sweep_runner.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/base/json.h"
#include "reformer/run/training_run.h"

namespace reformer {
namespace {

namespace fs = std::filesystem;

fs::path description_in(const fs::path& directory) { return directory / "sweep.json"; }

// All of a description, as differing_settings() compares it.
nlohmann::json settings_in(const Sweep& sweep) {
  const nlohmann::json description = to_json(sweep);
  nlohmann::json all = description.at("config");
  all["sweep"] = description.at("sweep");
  all["sweep"]["seeds"] = description.at("seeds");
  return all;
}

// One member's training as the sweep's observer sees it.
class MemberObserver final : public RunObserver {
 public:
  // `step`: where the last step that was done is kept.
  MemberObserver(size_t member, SweepObserver& observer, std::mutex& mutex, int64_t& step)
      : member_(member), observer_(observer), mutex_(mutex), step_(step) {}

  void step_done(const StepReport& report) override {
    step_ = report.step;
    const std::lock_guard lock(mutex_);
    observer_.step_done(member_, report);
  }
  std::string stop_reason() override {
    const std::lock_guard lock(mutex_);
    return observer_.stop_reason();
  }

 private:
  size_t member_;
  SweepObserver& observer_;
  std::mutex& mutex_;
  int64_t& step_;
};

std::unique_ptr<TrainingRun> begin_or_resume(const fs::path& path, const RunConfig& config,
                                             ThreadPool& pool, const RunClock& clock) {
  const RunFiles files{path};
  if (!holds_run(files)) return TrainingRun::begin(path, config, false, pool, clock);
  const std::string differing =
      differing_settings(to_json(read_run_config(files)), to_json(config));
  if (!differing.empty()) {
    fail(path.string(),
         "expected a run with the settings of the sweep, found others: {}; try another directory",
         differing);
  }
  return TrainingRun::resume(path, pool, clock);
}

class Runner {
 public:
  Runner(std::span<const SweepMember> members, const fs::path& directory,
         const SweepOptions& options, const RunClock& clock, SweepObserver& observer)
      : members_(members),
        directory_(directory),
        options_(options),
        clock_(clock),
        observer_(observer),
        outcomes_(members.size()) {}

  std::vector<MemberOutcome> run() {
    const size_t jobs =
        std::min(members_.size(), static_cast<size_t>(std::max<int64_t>(1, options_.jobs)));
    std::vector<std::thread> threads;
    for (size_t i = 1; i < jobs; ++i) threads.emplace_back([this] { take_members(); });
    take_members();
    for (std::thread& thread : threads) thread.join();
    return std::move(outcomes_);
  }

 private:
  void take_members() {
    for (size_t i = next_++; i < members_.size(); i = next_++) {
      if (stopped()) return;
      outcomes_[i] = run_member(i);
      const std::lock_guard lock(mutex_);
      observer_.member_ends(i, outcomes_[i]);
    }
  }

  bool stopped() {
    const std::lock_guard lock(mutex_);
    return !observer_.stop_reason().empty();
  }

  MemberOutcome run_member(size_t i) {
    MemberOutcome outcome;
    for (int64_t attempt = 1;; ++attempt) {
      outcome.status = MemberStatus::failed;
      bool again = attempt <= options_.retries && !stopped();
      try {
        return attempt_member(i, attempt, outcome.step);
      } catch (const Divergence& divergence) {
        outcome.error = divergence.what();
        again = false;
      } catch (const std::bad_alloc&) {
        outcome.error = "[memory] expected enough for this run, found too little";
      } catch (const std::exception& error) {
        outcome.error = error.what();
      }
      if (!again) return outcome;
    }
  }

  // `step`: that which was done last, also of an attempt that fails.
  MemberOutcome attempt_member(size_t i, int64_t attempt, int64_t& step) {
    ThreadPool pool(options_.threads);
    const auto run =
        begin_or_resume(directory_ / members_[i].name, members_[i].config, pool, clock_);
    {
      const std::lock_guard lock(mutex_);
      step = run->trainer().steps_done();
      observer_.member_begins(i, attempt, step);
    }
    MemberObserver watch(i, observer_, mutex_, step);
    const RunOutcome end = run->train(watch);
    return {end.status == RunStatus::finished ? MemberStatus::finished : MemberStatus::interrupted,
            "", run->trainer().steps_done(), end.validation, end.target_reached};
  }

  std::span<const SweepMember> members_;
  fs::path directory_;
  SweepOptions options_;
  RunClock clock_;
  SweepObserver& observer_;
  std::mutex mutex_;  // guards the observer
  std::atomic<size_t> next_{0};
  std::vector<MemberOutcome> outcomes_;  // each written by one thread
};

}  // namespace

std::vector<MemberOutcome> run_members(std::span<const SweepMember> members,
                                       const fs::path& directory, const SweepOptions& options,
                                       const RunClock& clock, SweepObserver& observer) {
  return Runner(members, directory, options, clock, observer).run();
}

void claim_sweep(const fs::path& directory, const Sweep& sweep) {
  const fs::path path = description_in(directory);
  if (std::error_code ignored; !fs::exists(path, ignored)) {
    write_file_atomically(path, to_json(sweep).dump(2) + "\n");
    return;
  }
  const std::string differing =
      differing_settings(settings_in(read_sweep(directory)), settings_in(sweep));
  if (!differing.empty()) {
    fail(path.string(),
         "expected the description of this sweep, found another one: {}; try another directory, "
         "or --resume {} to go on with that one",
         differing, directory.string());
  }
}

Sweep read_sweep(const fs::path& directory) {
  const std::string where = description_in(directory).string();
  return sweep_from_json(parse_json(read_file(description_in(directory)), where), where);
}

}  // namespace reformer
