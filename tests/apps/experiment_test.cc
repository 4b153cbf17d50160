#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/apps/mistake.h"

namespace reformer::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Experiment, SmokeStudyWritesItsTables) {
  const TemporaryDirectory directory;
  const Outcome outcome = run_program(
      {"experiment", "table2", "--size", "smoke", "--out", directory / "out", "--threads", "2"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("measured"), HasSubstr("seed report")));
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("runs/full  finished"), HasSubstr("runs/lsh-1  finished")));
  EXPECT_THAT(names_in(directory / "out"),
              ElementsAre("evaluations", "models", "runs", "table2.csv", "table2.json", "table2.md",
                          "time.json"));
  const auto time = nlohmann::json::parse(read_text(directory / "out/time.json"));
  EXPECT_EQ(time["resumed"], false);
  EXPECT_EQ(time["training"]["models"], 4);
  EXPECT_EQ(time["training"]["threads"], 2);
  // All cells, and all switches but for those that together make another meaning.
  EXPECT_EQ(time["evaluation"]["evaluations"], 4 * 5 * 3 + 5 - 1);
  for (const char* part : {"training", "evaluation"}) {
    EXPECT_GT(time[part]["fraction_of_peak"], 0);
    EXPECT_LT(time[part]["seconds"], time["wall_seconds"]);
  }
  EXPECT_THAT(outcome.err, HasSubstr("4 models trained in "));
  const auto table = nlohmann::json::parse(read_text(directory / "out/table2.json"));
  EXPECT_EQ(table["cells"].size(), 4u * 5 * 3);
  const Outcome in_memory =
      run_program({"experiment", "table2", "--size", "smoke", "--json", "--quiet"});
  EXPECT_EQ(in_memory.out, read_text(directory / "out/table2.json")) << "without runs on disk";

  // A model of the study, evaluated by itself, gives the number in the table.
  const Outcome evaluated = run_program(
      {"eval", directory / "out/models/lsh-2.safetensors", "--attention", "lsh-8", "--json"});
  ASSERT_EQ(evaluated.exit_code, 0) << evaluated.err;
  const auto cell = nlohmann::json::parse(evaluated.out)["cells"][0];
  bool found = false;
  for (const auto& other : table["cells"]) {
    if (other["trained"] != "lsh-2" || other["evaluated"] != "lsh-8") continue;
    if (other["semantics"] != "consistent") continue;
    found = true;
    EXPECT_EQ(cell, other);
  }
  EXPECT_TRUE(found);
}

TEST(Experiment, SeedsAreKeptApartAndSummedUp) {
  const TemporaryDirectory directory;
  const Outcome outcome = run_program({"experiment", "table2", "--size", "smoke", "--seed", "7",
                                       "--seeds", "2", "--out", directory / "out"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("seed 7 (1 of 2)"), HasSubstr("seed 8 (2 of 2)")));
  EXPECT_THAT(outcome.out, HasSubstr("over 2 training seeds (7 to 8):"));
  EXPECT_THAT(names_in(directory / "out"),
              ElementsAre("seed-7", "seed-8", "table2-seeds.json", "table2-seeds.md", "time.json"));
  const auto summary = nlohmann::json::parse(read_text(directory / "out/table2-seeds.json"));
  const auto first = nlohmann::json::parse(read_text(directory / "out/seed-7/table2.json"));
  const auto second = nlohmann::json::parse(read_text(directory / "out/seed-8/table2.json"));
  ASSERT_EQ(summary["cells"].size(), first["cells"].size());
  for (size_t i = 0; i < summary["cells"].size(); ++i) {
    const double mean = (first["cells"][i]["accuracy"].get<double>() +
                         second["cells"][i]["accuracy"].get<double>()) /
                        2;
    EXPECT_NEAR(summary["cells"][i]["over_training"]["mean"].get<double>(), mean, 1e-12) << i;
  }
  EXPECT_NE(first["cells"], second["cells"]);
}

TEST(Experiment, EvaluationsAreKeptAsTheyAreMade) {
  const TemporaryDirectory directory;
  const std::vector<std::string> study = {"experiment",    "table2",  "--size", "smoke",
                                          "--own-meaning", "--quiet", "--out",  directory / "out"};
  ASSERT_EQ(run_program(study).exit_code, 0);
  EXPECT_THAT(names_in(directory / "out/evaluations"),
              ElementsAre("full.jsonl", "lsh-1.jsonl", "lsh-2.jsonl", "lsh-4.jsonl"));
  const auto time_file = [&] { return read_text(directory / "out/time.json"); };
  const std::string table = read_text(directory / "out/table2.json"), time = time_file();
  const auto repeat = [&] {
    const Outcome outcome = run_program(study);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(read_text(directory / "out/table2.json"), table);
  };
  repeat();
  EXPECT_EQ(time_file(), time) << "there was nothing to do";
  std::filesystem::remove(directory / "out/evaluations/lsh-1.jsonl");
  repeat();
  const auto again = nlohmann::json::parse(time_file());
  EXPECT_EQ(again["evaluation"]["evaluations"], 5);
  EXPECT_EQ(again["resumed"], true);

  write_text(directory / "out/evaluations/full.jsonl", "{}\n");
  const Outcome refused = run_program(study);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err,
              AllOf(HasSubstr("evaluations/full.jsonl: line 1] expected 'version', found none"),
                    HasSubstr("try again without this file")));
}

TEST(Experiment, ThereIsRoomForTheLargestSeed) {
  const TemporaryDirectory directory;
  const std::string largest = "9223372036854775807";
  const Outcome outcome = run_program({"experiment", "table2", "--size", "smoke", "--own-meaning",
                                       "--seed", largest, "--out", directory / "out", "--quiet"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  expect_mistake(run_program({"experiment", "table2", "--size", "smoke", "--seed", largest,
                              "--seeds", "2", "--out", directory / "none"}),
                 {"[--seed]", "room for 2 seeds"});
}

std::string study_with(const std::string& out, const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {"experiment", "table2",  "--size", "smoke",       "--seed",
                                        "5",          "--seeds", "2",      "--rotations", "2",
                                        "--quiet",    "--out",   out};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Outcome outcome = run_program(arguments);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return read_text(out + "/table2-seeds.json") + read_text(out + "/seed-5/table2.json") +
         read_text(out + "/seed-6/table2.json");
}

TEST(ExperimentDeterminism, ThreadsChangeNoByte) {
  const TemporaryDirectory directory;
  const std::string once = study_with(directory / "t1", {"--threads", "1"});
  EXPECT_GT(once.size(), 10'000u);
  for (const char* threads : {"2", "4"}) {
    EXPECT_TRUE(study_with(directory / ("t" + std::string(threads)), {"--threads", threads}) ==
                once)
        << threads << " threads";
  }
}

TEST(ExperimentDeterminism, RunsAtATimeChangeNoByte) {
  const TemporaryDirectory directory;
  EXPECT_TRUE(study_with(directory / "three", {"--jobs", "3"}) ==
              study_with(directory / "one", {"--jobs", "1"}));
  const Outcome in_memory = run_program({"experiment", "table2", "--size", "smoke", "--seed", "5",
                                         "--seeds", "2", "--rotations", "2", "--json", "--quiet"});
  EXPECT_EQ(in_memory.out, read_text(directory / "one/table2-seeds.json"))
      << "without runs on disk";
}

TEST(ExperimentDeterminism, BeingCutOffChangesNoByte) {
  const TemporaryDirectory directory;
  const std::string once = study_with(directory / "whole", {});
  for (const int signal : {SIGKILL, SIGINT}) {
    const std::string cut = directory / ("signal-" + std::to_string(signal));
    int cuts = 0;
    for (int i = 0; i < 3; ++i) {
      RunningProgram program({"experiment", "table2", "--size", "smoke", "--seed", "5", "--seeds",
                              "2", "--jobs", "2", "--log-seconds", "0", "--out", cut});
      program.wait_until_it_speaks();
      std::this_thread::sleep_for(std::chrono::milliseconds(50 * i));
      program.send(signal);
      const Outcome outcome = program.wait();
      if (outcome.exit_code == 0) break;
      EXPECT_EQ(outcome.exit_code, 128 + signal) << outcome.err;
      ++cuts;
    }
    EXPECT_GT(cuts, 0);
    EXPECT_TRUE(study_with(cut, {"--jobs", "3", "--threads", "2"}) == once) << "signal " << signal;
  }
}

TEST(Experiment, TheLastOfTwoValuesCounts) {
  const Outcome outcome = run_program({"experiment", "table2", "--size", "laptop", "--seed", "1",
                                       "--size", "smoke", "--seed", "3", "--json", "--quiet"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto table = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(table["size"], "smoke");
  EXPECT_EQ(table["seed"], 3);
}

TEST(Experiment, JsonOnTheStandardOutput) {
  const Outcome outcome =
      run_program({"experiment", "table2", "--size", "smoke", "--json", "--quiet", "--seed", "3"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(nlohmann::json::parse(outcome.out)["seed"], 3);
}

// Of each line on the standard error.
std::vector<nlohmann::json> json_lines(const Outcome& outcome) {
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  std::vector<nlohmann::json> lines;
  std::istringstream err(outcome.err);
  for (std::string line; std::getline(err, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

TEST(Experiment, ProgressForProgramsIsJson) {
  const TemporaryDirectory directory;
  std::vector<std::string> study = {"experiment",    "table2", "--size",        "smoke",
                                    "--own-meaning", "--json", "--log-seconds", "0"};
  const auto in_memory = json_lines(run_program(study));
  const auto count = [](const std::vector<nlohmann::json>& lines, std::string_view kind) {
    return std::ranges::count_if(lines, [&](const auto& line) { return line["kind"] == kind; });
  };
  EXPECT_EQ(count(in_memory, "step"), 4 * 50);
  EXPECT_EQ(count(in_memory, "evaluation"), 4 * 5 + 5) << "cells and switches";
  const nlohmann::json& last = in_memory.back();
  EXPECT_EQ(last["done"], 4 * 5 + 5);
  EXPECT_EQ(last["total"], 4 * 5 + 5);
  EXPECT_EQ(last["name"], "lsh-1");
  EXPECT_EQ(last["seconds_left"], 0);

  study.insert(study.end(), {"--seeds", "2", "--out", directory / "out"});
  const auto in_runs = json_lines(run_program(study));
  EXPECT_EQ(count(in_runs, "finished"), 2 * 4);
  EXPECT_EQ(count(in_runs, "seed"), 2);
  EXPECT_EQ(in_runs.back()["kind"], "time");
  EXPECT_EQ(in_runs.back()["training"]["models"], 2 * 4);
}

TEST(Experiment, ShowsPlainLinesOfEvaluationsWhereThereIsNoTerminal) {
  const Outcome outcome = run_program(
      {"experiment", "table2", "--size", "smoke", "--own-meaning", "--log-seconds", "0"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("full  evaluation 2/25  lsh-8 under consistent: accuracy "));
}

TEST(Experiment, FlagsOfRunsNeedRuns) {
  for (const char* flag : {"--jobs", "--retries"}) {
    expect_mistake(run_program({"experiment", "table2", "--size", "smoke", flag, "2"}),
                   {std::string("[") + flag + "]", "try --out DIR"});
  }
}

}  // namespace
}  // namespace reformer::test
