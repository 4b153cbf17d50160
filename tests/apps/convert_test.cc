#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reformer/base/files.h"
#include "tests/apps/mistake.h"
#include "tests/apps/one_model.h"

namespace reformer::test {
namespace {

using testing::HasSubstr;

// A model that LSHLM can express.
class Convert : public OneModel<Convert> {
 public:
  static std::vector<std::string> training() {
    return {"--model-dim",       "16", "--head-dim",  "8",
            "--embedding-scale", "4",  "--semantics", "seed"};
  }

 protected:
  static Outcome convert(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "convert");
    return run_program(arguments);
  }
};

TEST_F(Convert, ThereAndBackIsTheSameFile) {
  const std::string there = path("there"), back = path("back");
  Outcome outcome = convert({path("run"), there, "--to", "reformer-fastai"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("parameters, lsh-2 attention, seed semantics"));
  outcome = convert({there, back, "--from", "reformer-fastai"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(read_file(back), read_file(path("run/model.safetensors")));
}

TEST_F(Convert, FlagsSayWhatTheTensorsDoNot) {
  const std::string there = path("there"), back = path("changed");
  ASSERT_EQ(convert({path("run"), there, "--to", "reformer-fastai", "--hashes", "3"}).exit_code, 0);
  const Outcome outcome = convert({there, back, "--from", "reformer-fastai", "--heads", "4",
                                   "--attention", "full", "--semantics", "consistent"});
  EXPECT_THAT(outcome.out, HasSubstr("full attention, consistent semantics"));
}

TEST_F(Convert, LeavesTheFilesOfRunsAlone) {
  const std::string database = read_text(path("run/run.db"));
  expect_mistake(convert({path("run"), path("run/run.db"), "--to", "reformer-fastai"}),
                 {"[OUTPUT]", "not a run's"});
  EXPECT_EQ(read_text(path("run/run.db")), database);
}

// A setting that is missing, or that contradicts the file, is named as its flag here.
TEST_F(Convert, MistakesNameFlags) {
  const std::string there = path("flags"), out = path("no-flags");
  ASSERT_EQ(convert({path("run"), there, "--to", "reformer-fastai"}).exit_code, 0);
  expect_mistake(convert({there, out, "--from", "reformer-fastai", "--heads", "3"}),
                 {"[--heads]", "divides the width 16"});
  expect_mistake(convert({there, out, "--from", "reformer-fastai", "--length", "8"}),
                 {"[--length]", "as the file has it, found 8"});
  expect_mistake(convert({path("run"), out, "--to", "reformer-fastai", "--activation", "relu"}),
                 {"[--activation]", "--from only"});
  EXPECT_FALSE(std::filesystem::exists(out));
}

// Mistakes in what several flags say together are not blamed on --attention.
TEST_F(Convert, MistakesOfSeveralFlagsNameWhatTheyAreAbout) {
  const std::string there = path("chunks"), out = path("no-chunks");
  ASSERT_EQ(convert({path("run"), there, "--to", "reformer-fastai"}).exit_code, 0);
  expect_mistake(convert({there, out, "--from", "reformer-fastai", "--buckets", "3"}),
                 {"[attention]", "3"});
}

TEST_F(Convert, NeverWritesOverItsInput) {
  const std::string there = path("input"), model = path("run/model.safetensors");
  ASSERT_EQ(convert({path("run"), there, "--to", "reformer-fastai"}).exit_code, 0);
  const std::string ours = read_file(model), theirs = read_file(there);
  expect_mistake(convert({there, there, "--from", "reformer-fastai"}),
                 {"input", "not of the input"});
  expect_mistake(convert({path("run"), model, "--to", "reformer-fastai"}), {"not of the input"});
  expect_mistake(convert({path("run"), path("run/config.json"), "--to", "reformer-fastai"}),
                 {"not of the input"});
  expect_mistake(convert({path("run"), path("run"), "--to", "huggingface"}), {"not of the input"});
  EXPECT_EQ(read_file(model), ours);
  EXPECT_EQ(read_file(there), theirs);
  EXPECT_EQ(run_program({"eval", path("run"), "--attention", "full"}).exit_code, 0);
}

TEST_F(Convert, MistakesWriteNothing) {
  const std::string run = path("run"), out = path("nothing");
  expect_mistake(convert({run, out}), {"[convert]", "either --from or --to", "neither"});
  expect_mistake(convert({run, out, "--from", "huggingface", "--to", "huggingface"}), {"both"});
  expect_mistake(convert({run, out, "--to", "reformer-fast"}), {"[--to]", "'reformer-fastai'?"});
  for (const char* program : {"huggingface", "reformer-pytorch"}) {
    expect_mistake(convert({run, out, "--to", program}), {"one residual stream", "semantics seed"});
  }
  expect_mistake(convert({run, out, "--to", "reformer-fastai", "--heads", "4"}), {"[--heads]"});
  expect_mistake(convert({run, out, "--to", "reformer-fastai", "--semantics", "paper"}),
                 {"semantics paper"});
  expect_mistake(convert({path("run/model.safetensors"), out, "--from", "reformer-fastai"}),
                 {"one of this program"});
  expect_mistake(convert({path("run/config.json"), out, "--from", "reformer-fastai"}),
                 {"config.json"});
  expect_mistake(convert({path("absent"), out, "--from", "huggingface"}), {"config.json"});
  expect_mistake(convert({run, path("no/such/place"), "--to", "reformer-fastai"}), {"no/such"});
  EXPECT_FALSE(std::filesystem::exists(out));
}

// One that both programs with two residual streams can express, but for how those end.
class ConvertTwoStreams : public OneModel<ConvertTwoStreams> {
 public:
  static std::vector<std::string> training() {
    return {"--residual",
            "two-streams",
            "--stream-merge",
            "concatenate",
            "--norm",
            "pre",
            "--final-norm",
            "true",
            "--tied-output",
            "false",
            "--semantics",
            "huggingface",
            "--embedding-scale",
            "1"};
  }
};

TEST_F(ConvertTwoStreams, ARunIsNoPlaceForAModelOfAnotherProgram) {
  const std::string other = path("other-run");
  ASSERT_EQ(run_program(train_arguments(other)).exit_code, 0);
  const std::string config = read_file(other + "/config.json");
  expect_mistake(run_program({"convert", run(), other, "--to", "huggingface"}), {"found a run"});
  EXPECT_EQ(read_file(other + "/config.json"), config);
}

TEST_F(ConvertTwoStreams, ThereAndBackIsTheSameFile) {
  const std::string there = path("there"), back = path("back");
  Outcome outcome = run_program({"convert", path("run"), there, "--to", "huggingface"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(std::filesystem::exists(there + "/config.json"));
  outcome = run_program({"convert", there, back, "--from", "huggingface"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(read_file(back), read_file(path("run/model.safetensors")));
}

// Whatever the streams, the other commands take the model.
TEST_F(ConvertTwoStreams, IsAModelToAllCommands) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"eval", path("run"), "--attention", "full,lsh:2"},
        {"generate", path("run")},
        {"inspect", path("run")}}) {
    const Outcome outcome = run_program(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << arguments[0] << ": " << outcome.err;
  }
}

}  // namespace
}  // namespace reformer::test
