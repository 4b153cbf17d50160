// Everything a user can get wrong before anything is computed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/apps/mistake.h"

namespace reformer::test {
namespace {

struct Mistake {
  std::string name;
  std::vector<std::string> arguments;
  std::vector<std::string> parts;  // of the message

  friend void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.name; }
};

std::vector<std::string> train_with(std::vector<std::string> more) {
  more.insert(more.begin(), {"train", "--preset", "smoke", "--run", "run"});
  return more;
}

const std::vector<Mistake>& mistakes() {
  static const std::vector<Mistake> all = {
      {"NoCommand",
       {},
       {"[reformer]",
        "train, eval, generate, inspect, gradients, experiment, sweep, runs, report, serve, bench, "
        "convert, config",
        "--help"}},
      {"UnknownCommand", {"trian"}, {"[reformer]", "\"trian\"", "did you mean 'train'?"}},
      {"UnknownStudy", {"experiment", "tabel2"}, {"did you mean 'table2'?"}},
      {"NoStudy",
       {"experiment"},
       {"[reformer experiment] expected one of table2, seeds, lr, discrepancy, found nothing"}},
      {"SeedsBeyondTheLast",
       {"experiment", "table2", "--size", "smoke", "--seed", "9223372036854775806", "--seeds", "3"},
       {"[--seed]", "room for 3 seeds", "9223372036854775806"}},
      {"UnknownFlag",
       train_with({"--lerning-rate", "1"}),
       {"[reformer train]", "\"--lerning-rate\"", "did you mean '--learning-rate'?"}},
      {"UnknownFlagWithValue", train_with({"--step=5"}), {"did you mean '--steps'?"}},
      {"UnderscoreFlag", train_with({"--hash_rounds", "2"}), {"did you mean '--hash-rounds'?"}},
      {"HopelessFlag", train_with({"--xyzzy-plugh"}), {"try `reformer train --help`"}},
      {"EscapesAreShown", train_with({"--\x1b[31m"}), {"\\u001b"}},
      {"FlagOfAnotherCommand", {"eval", "x", "--steps", "5"}, {"[reformer eval]", "--steps"}},
      {"StrayWord", train_with({"there"}), {"[reformer train]", "\"there\""}},
      {"NoValue", train_with({"--steps"}), {"[reformer train]", "value after --steps"}},
      {"UnknownPreset",
       {"train", "--preset", "labtop"},
       {"[preset]", "'labtop'", "did you mean 'laptop'?"}},
      {"UnknownSemantics",
       train_with({"--semantics", "hugginface"}),
       {"[semantics]", "did you mean 'huggingface'?"}},
      {"UnknownChoice", train_with({"--attention", "lhs"}), {"did you mean 'lsh'?"}},
      {"OddLength", train_with({"--length", "33", "--chunk-length", "11"}), {"even", "33", "34"}},
      {"LengthAndChunk", train_with({"--length", "36"}), {"divides", "36", "8"}},
      {"ZeroRounds", train_with({"--hash-rounds", "0"}), {"[--hash-rounds]", "1 to 64", "0"}},
      {"ZeroHashes", train_with({"--hashes", "0"}), {"[--hash-rounds]", "1 to 64", "0"}},
      {"OddBuckets", train_with({"--buckets", "5"}), {"even", "5", "try 6"}},
      {"NotANumber", train_with({"--learning-rate", "fast"}), {"[--learning-rate]", "\"fast\""}},
      {"NotAnInteger", train_with({"--steps", "2.5"}), {"[--steps]", "integer"}},
      {"NotASwitch", train_with({"--causal", "maybe"}), {"[--causal]", "true or false"}},
      {"NegativeSteps", train_with({"--steps", "-5"}), {"[--steps]", "-5"}},
      {"ZeroThreads", train_with({"--threads", "0"}), {"[--threads]", "1 to 1024", "0"}},
      {"NegativeThreads", train_with({"--threads", "-1"}), {"[--threads]", "-1"}},
      {"HugeThreads", train_with({"--threads", "99999999999999999999"}), {"[--threads]"}},
      {"ManyThreads", train_with({"--threads", "100000"}), {"[--threads]", "100000"}},
      {"SmallVocabulary", train_with({"--vocabulary", "100"}), {"vocabulary", "128", "100"}},
      {"TorchStream", train_with({"--generator", "torch"}), {"[generator]", "philox"}},
      {"TargetWithoutEvaluation",
       train_with({"--target-accuracy", "0.9", "--evaluate-every", "0"}),
       {"evaluate_every"}},
      {"MissingConfig", train_with({"--config", "none.json"}), {"[none.json]", "No such file"}},
      {"UnknownSize",
       {"experiment", "table2", "--size", "labtop", "--out", "run"},
       {"'labtop'", "did you mean 'laptop'?"}},
      {"UnwritableStudy",
       {"experiment", "table2", "--size", "smoke", "--out", "/proc/none"},
       {"[/proc/none]", "writable"}},
      {"UnwritableRun", {"train", "--preset", "smoke", "--run", "/proc/none"}, {"[/proc/none]"}},
      {"UnwritableEvenForRoot", {"train", "--preset", "smoke", "--run", "/proc/self"}, {"/proc/"}},
      {"NoPath", {"eval"}, {"[reformer eval]", "PATH"}},
      {"MissingModel", {"eval", "none.safetensors"}, {"[none.safetensors]", "No such file"}},
      {"DirectoryWithoutModel", {"eval", "."}, {"[.]", "found another directory"}},
  };
  return all;
}

class BadInput : public testing::TestWithParam<Mistake> {};

TEST_P(BadInput, IsOneClearMessage) {
  const TemporaryDirectory directory;
  expect_mistake(run_program(GetParam().arguments, directory.path()), GetParam().parts);
  EXPECT_THAT(names_in(directory.path()), testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(All, BadInput, testing::ValuesIn(mistakes()),
                         [](const auto& info) { return info.param.name; });

struct BadFile {
  std::string name;
  std::string text;
  std::vector<std::string> parts;

  friend void PrintTo(const BadFile& file, std::ostream* out) { *out << file.name; }
};

class BadConfig : public testing::TestWithParam<BadFile> {};

TEST_P(BadConfig, NamesFileAndPlace) {
  const TemporaryDirectory directory;
  write_text(directory / "bad.json", GetParam().text);
  std::vector<std::string> parts = GetParam().parts;
  parts.emplace_back("[bad.json");
  expect_mistake(run_program(train_with({"--config", "bad.json"}), directory.path()), parts);
  EXPECT_THAT(names_in(directory.path()), testing::ElementsAre("bad.json"));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadConfig,
    testing::Values(BadFile{"Empty", "", {}},
                    BadFile{"Cut", R"({"model": {"length": 3)", {"line 1"}},
                    BadFile{"List", "[]", {"an object", "a list"}},
                    BadFile{"UnknownPart", R"({"modle": {}})", {"did you mean 'model'?"}},
                    BadFile{"UnknownKey", R"({"train": {"stepps": 1}})", {"'steps'"}},
                    BadFile{"WrongType", R"({"model": {"heads": "2"}})", {"heads", "integer"}},
                    BadFile{"Twice", R"({"model": {}, "model": {}})", {"model"}},
                    BadFile{"OutOfRange", R"({"model": {"hash_rounds": 0}})", {"1 to 64"}}),
    [](const auto& info) { return info.param.name; });

TEST(BadInput, AFileInTheWayOfTheRun) {
  const TemporaryDirectory directory;
  write_text(directory / "file", "kept");
  expect_mistake(run_program({"train", "--preset", "smoke", "--run", "file/run"}, directory.path()),
                 {"file/run", "writable directory"});
  EXPECT_EQ(read_text(directory / "file"), "kept");
}

TEST(BadInput, OutputThatCannotBeWritten) {
  const std::string shell = std::string("'") + REFORMER_PROGRAM + "' config > /dev/full 2>&1";
  EXPECT_EQ(WEXITSTATUS(std::system(shell.c_str())), 2);
}

TEST(BadInput, NobodyReadsOnAndNothingIsSaid) {
  const TemporaryDirectory directory;
  const std::string shell =
      fmt::format("{{ sleep 0.3; {} config 2>{}; echo $? >{}; }} | :", REFORMER_PROGRAM,
                  directory / "said", directory / "code");
  ASSERT_EQ(std::system(shell.c_str()), 0);
  EXPECT_EQ(read_text(directory / "said"), "");
  EXPECT_EQ(read_text(directory / "code"), "141\n");
}

}  // namespace
}  // namespace reformer::test
