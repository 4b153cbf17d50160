// Every call by which a run changes files goes wrong once, in each of several ways: the program
// ends with a clear error or does not need the call, what was saved is whole, and going on gives
// the same bits. tests/fault_shim/ does it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <iostream>
#include <map>

#include "tests/faults/fault_run.h"

namespace reformer::test {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kSteps = 3;

const Lasting& undisturbed() {
  static const Lasting result = [] {
    const TemporaryDirectory directory(quick_parent());
    const RunFiles files{directory / "run"};
    run_program(saving_arguments(files.root, kSteps, "fastai-adam"));
    return lasting(files);
  }();
  return result;
}

// A run that was killed before its last step, for the faults of going on.
void make_killed_run(const RunFiles& files) {
  run_program(saving_arguments(files.root, kSteps, "fastai-adam"));
  fs::remove(files.model());
  fs::remove(files.checkpoints().path_of(kSteps));
}

struct Fault {
  std::string kind;
  bool resumes = false;
};

class EveryCall : public testing::TestWithParam<Fault> {
 protected:
  Outcome run_with_fault(const std::vector<std::string>& arguments, int64_t at) const {
    RunningProgram program(arguments, ".",
                           {{"LD_PRELOAD", REFORMER_FAULT_SHIM},
                            {"FAULT_ROOT", files_.root.string()},
                            {"FAULT_AT", std::to_string(at)},
                            {"FAULT_KIND", GetParam().kind},
                            {"FAULT_MARK", mark_.string()}});
    return program.wait();
  }

  void expect_right_end(const Outcome& outcome) const {
    if (GetParam().kind == "kill") {
      EXPECT_EQ(outcome.exit_code, 128 + SIGKILL);
    } else if (outcome.exit_code == 0) {
      EXPECT_TRUE(read_file(files_.model()) == undisturbed().model);
    } else {
      EXPECT_NE(GetParam().kind, "short") << "the rest of a write was not written: " << outcome.err;
      expect_clear_error(outcome);
    }
  }

  TemporaryDirectory directory_{quick_parent()};
  RunFiles files_{directory_.path() / "run"};
  fs::path mark_ = directory_.path() / "mark";
};

TEST_P(EveryCall, GoesWrong) {
  const std::vector<std::string> begin = saving_arguments(files_.root, kSteps, "fastai-adam");
  const TemporaryDirectory killed(quick_parent());
  if (GetParam().resumes) make_killed_run({killed / "run"});
  std::map<std::string, int> calls;  // by name
  int64_t refused = 0, at = 1;
  for (;; at += REFORMER_FAULT_STRIDE) {
    fs::remove_all(files_.root);
    fs::remove(mark_);
    if (GetParam().resumes) fs::copy(killed / "run", files_.root, fs::copy_options::recursive);
    const Outcome outcome =
        run_with_fault(GetParam().resumes ? resume_arguments(files_.root) : begin, at);
    if (!fs::exists(mark_)) break;
    const std::string call = read_text(mark_);
    ++calls[call];
    SCOPED_TRACE(fmt::format("call {}, {}", at, call));
    expect_right_end(outcome);
    refused += outcome.exit_code != 0;
    if (fs::exists(files_.config())) expect_intact(files_, last_step_in(outcome.err));
    expect_same_end(files_, begin, undisturbed());
    if (HasFailure()) break;
  }
  std::cout << at - 1 << " calls, " << refused << " of the runs ended early\n";
  for (const auto& [call, count] : calls) std::cout << "  " << call << " " << count << "\n";
  EXPECT_GE(calls.size(), REFORMER_FAULT_STRIDE == 1 ? 7u : 1u) << "too few kinds of calls";
}

INSTANTIATE_TEST_SUITE_P(Files, EveryCall,
                         testing::Values(Fault{"enospc"}, Fault{"eio"}, Fault{"short"},
                                         Fault{"full"}, Fault{"kill"}, Fault{"enospc", true},
                                         Fault{"eio", true}, Fault{"short", true},
                                         Fault{"full", true}, Fault{"kill", true}),
                         [](const auto& info) {
                           return info.param.kind + (info.param.resumes ? "WhileGoingOn" : "");
                         });

}  // namespace
}  // namespace reformer::test
