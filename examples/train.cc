// Trains a tiny model with LSH attention, in the directory of a run: what `reformer train` does.
//   train DIRECTORY
#include <reformer/base/error.h>
#include <reformer/run/training_run.h>

#include <chrono>
#include <cstdio>

namespace {

// Called after every step, evaluation and event of the run.
class Progress final : public reformer::RunObserver {
 public:
  void step_done(const reformer::StepReport& report) override {
    if (report.step % 50 == 0) {
      std::printf("step %3d: loss %.3f\n", static_cast<int>(report.step), report.batch.loss);
    }
  }
};

// The library takes no time from outside: here it is given some.
reformer::RunClock clock_of_this_machine() {
  const auto seconds = [](auto time) { return std::chrono::duration<double>(time).count(); };
  return {[=] { return seconds(std::chrono::system_clock::now().time_since_epoch()); },
          [=] { return seconds(std::chrono::steady_clock::now().time_since_epoch()); }};
}

}  // namespace

int main(int argc, char** argv) try {
  reformer::RunConfig config = reformer::run_preset("smoke");
  config.model.attention = reformer::AttentionKind::lsh;
  config.model.hash_rounds = 2;
  config.train.steps = 200;
  config.train.seed = 1;

  reformer::ThreadPool pool(reformer::hardware_threads());
  const auto run = reformer::TrainingRun::begin(argc > 1 ? argv[1] : "run", config,
                                                /*replace=*/true, pool, clock_of_this_machine());
  Progress progress;
  const reformer::RunOutcome outcome = run->train(progress);
  std::printf("accuracy on unseen sequences %.2f %%, saved as %s\n",
              100 * outcome.validation->accuracy(), outcome.saved.c_str());
} catch (const reformer::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}
