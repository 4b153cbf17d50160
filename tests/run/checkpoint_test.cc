// A restored trainer goes on to the same bits; anything else than an intact checkpoint of the same
// run is refused.
#include "reformer/run/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/run/checkpoint_folder.h"
#include "reformer/run/model_file.h"
#include "reformer/run/safetensors.h"
#include "reformer/run/training_record.h"
#include "tests/support/temporary_directory.h"

namespace reformer::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

RunConfig small_run(AttentionKind attention, OptimizerKind optimizer) {
  RunConfig run = run_preset("smoke");
  run.model.attention = attention;
  run.model.hash_rounds = 2;
  run.train.batch = 5;
  run.train.steps = 8;
  run.train.optimizer = optimizer_defaults(optimizer);
  run.train.clip_norm = 0.5;
  run.model.dropout = 0.1;
  return run;
}

// All that decides the steps to come, as one value.
std::vector<float> values_of(Trainer& trainer) {
  std::vector<float> all;
  for (const StateTensor& tensor : trainer.state()) {
    all.insert(all.end(), tensor.values.begin(), tensor.values.end());
  }
  return all;
}

class CheckpointTest : public testing::Test {
 protected:
  TemporaryDirectory directory_;
  fs::path path_ = directory_.path() / "step-3.safetensors";
  ThreadPool pool_{1};
  RunConfig run_ = small_run(AttentionKind::lsh, OptimizerKind::fastai_adam);
};

TEST_F(CheckpointTest, GoesOnToTheSameBits) {
  for (const AttentionKind attention : {AttentionKind::full, AttentionKind::lsh}) {
    for (const OptimizerKind optimizer :
         {OptimizerKind::fastai_adam, OptimizerKind::adamw, OptimizerKind::adafactor}) {
      const RunConfig run = small_run(attention, optimizer);
      Trainer whole(run, pool_);
      for (int i = 0; i < 3; ++i) whole.step();
      save_checkpoint(path_, whole);
      ThreadPool three(3);
      Trainer resumed(run, three);
      resumed.step();  // has a past of its own, which must not matter
      restore_checkpoint(path_, resumed);
      EXPECT_EQ(resumed.progress(), whole.progress());
      while (!whole.finished()) {
        const StepReport expected = whole.step();
        const StepReport found = resumed.step();
        EXPECT_EQ(found.step, expected.step);
        EXPECT_EQ(found.batch.loss, expected.batch.loss);
        EXPECT_EQ(found.gradient_norm, expected.gradient_norm);
        EXPECT_EQ(found.learning_rate, expected.learning_rate);
      }
      EXPECT_TRUE(resumed.finished());
      EXPECT_TRUE(values_of(resumed) == values_of(whole))
          << enum_name(attention) << " " << enum_name(optimizer);
    }
  }
}

TEST_F(CheckpointTest, EqualStatesGiveEqualFiles) {
  Trainer trainer(run_, pool_);
  trainer.step();
  save_checkpoint(path_, trainer);
  const std::string first = read_file(path_);
  ThreadPool two(2);
  Trainer other(run_, two);
  restore_checkpoint(path_, other);
  save_checkpoint(path_, other);
  EXPECT_TRUE(read_file(path_) == first);
}

TEST_F(CheckpointTest, KeepsHowManyStepsWereLeftOut) {
  run_.train.on_divergence = DivergencePolicy::skip;
  Trainer trainer(run_, pool_);
  const float before = trainer.state()[0].values[0];
  trainer.state()[0].values[0] = std::nanf("");
  EXPECT_FALSE(trainer.step().applied);
  trainer.state()[0].values[0] = before;
  save_checkpoint(path_, trainer);
  Trainer resumed(run_, pool_);
  restore_checkpoint(path_, resumed);
  EXPECT_EQ(resumed.progress(), (TrainerProgress{1, 0, 1}));
  EXPECT_EQ(resumed.step().batch.loss, trainer.step().batch.loss);
  EXPECT_TRUE(values_of(resumed) == values_of(trainer));
}

TEST_F(CheckpointTest, IsAModelToo) {
  Trainer trainer(run_, pool_);
  for (int i = 0; i < 3; ++i) trainer.step();
  save_checkpoint(path_, trainer);
  const ModelFile model = load_model(path_);
  EXPECT_TRUE(std::ranges::equal(model.parameters, trainer.parameters()));
  const TrainingRecord record =
      training_record_from_json(model.training, model.config, "checkpoint");
  EXPECT_EQ(record.steps_done, 3);
  EXPECT_EQ(to_json(record.config), to_json(run_));
}

TEST_F(CheckpointTest, RefusesAModelWithoutState) {
  Trainer trainer(run_, pool_);
  save_model(path_, run_.model, trainer.parameters(), nlohmann::json::object());
  EXPECT_THAT([&] { restore_checkpoint(path_, trainer); },
              ThrowsMessage<Error>(HasSubstr("a model without the state of its training")));
}

TEST_F(CheckpointTest, RefusesOtherRunsAndNamesWhatDiffers) {
  Trainer trainer(run_, pool_);
  save_checkpoint(path_, trainer);
  RunConfig other = run_;
  other.train.seed = 7;
  other.model.heads = 1;
  Trainer different(other, pool_);
  different.step();
  const std::vector<float> before = values_of(different);
  EXPECT_THAT([&] { restore_checkpoint(path_, different); },
              ThrowsMessage<Error>(AllOf(HasSubstr("step-3.safetensors] expected a checkpoint of "
                                                   "this run, found other settings: "),
                                         HasSubstr("train.seed is 42, not 7"),
                                         HasSubstr("model.heads is "))));
  EXPECT_TRUE(values_of(different) == before);
  EXPECT_EQ(different.steps_done(), 1);
}

// Writes a checkpoint whose metadata `change` has altered, with a checksum that fits.
template <class Change>
void rewrite(const fs::path& path, Change change) {
  const std::string bytes = read_file(path);
  TensorTable table = parse_safetensors(bytes, "");
  table.metadata.erase(std::string(kChecksumKey));
  change(table);
  write_file_atomically(path, encode_safetensors(table));
}

TEST_F(CheckpointTest, RefusesCountsThatNoTrainingHas) {
  Trainer trainer(run_, pool_);
  trainer.step();
  save_checkpoint(path_, trainer);
  const std::string original = read_file(path_);
  for (const char* text :
       {R"({"updates": 2, "left_out_in_a_row": 0})", R"({"updates": -1, "left_out_in_a_row": 0})",
        R"({"updates": 1, "left_out_in_a_row": 1})", R"({"updates": 1.5, "left_out_in_a_row": 0})",
        R"({"updates": 1})", "[]", "{", R"({"updates": 1e30, "left_out_in_a_row": 0})"}) {
    write_file_atomically(path_, original);
    rewrite(path_, [&](TensorTable& table) { table.metadata["checkpoint"] = text; });
    EXPECT_THROW(restore_checkpoint(path_, trainer), Error) << text;
  }
  write_file_atomically(path_, original);
  rewrite(path_, [](TensorTable& table) { table.tensors.pop_back(); });
  EXPECT_THAT([&] { restore_checkpoint(path_, trainer); },
              ThrowsMessage<Error>(HasSubstr("no tensor")));
  EXPECT_EQ(trainer.steps_done(), 1);
}

// Cut at many lengths and with single bits flipped everywhere.
TEST_F(CheckpointTest, RefusesDamage) {
  Trainer trainer(run_, pool_);
  trainer.step();
  save_checkpoint(path_, trainer);
  const std::string original = read_file(path_);
  const std::vector<float> before = values_of(trainer);
  const auto refuses = [&](const std::string& bytes, size_t place) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
    EXPECT_THROW(restore_checkpoint(path_, trainer), Error) << place;
  };
  for (size_t i = 0; i < 60; ++i) {
    const size_t place = original.size() * i / 60;
    refuses(original.substr(0, place), place);
    std::string flipped = original;
    flipped[place] = static_cast<char>(flipped[place] ^ (1 << (i % 8)));
    refuses(flipped, place);
  }
  refuses(original + "x", original.size());
  EXPECT_TRUE(values_of(trainer) == before);
  write_file_atomically(path_, original);
  EXPECT_NO_THROW(restore_checkpoint(path_, trainer));
}

TEST_F(CheckpointTest, SavesNothingThatIsNotFinite) {
  Trainer trainer(run_, pool_);
  trainer.state().back().values[0] = INFINITY;
  EXPECT_THAT([&] { save_checkpoint(path_, trainer); },
              ThrowsMessage<Error>(HasSubstr("optimizer.second_moment.")));
  EXPECT_FALSE(fs::exists(path_));
}

TEST(CheckpointNames, AreUnique) {
  EXPECT_EQ(checkpoint_step("a/step-0.safetensors"), 0);
  EXPECT_EQ(checkpoint_step("step-1200.safetensors"), 1200);
  for (const char* name : {"step-.safetensors", "step-01.safetensors", "step--1.safetensors",
                           "step-+1.safetensors", "step-1", "step-1.safetensors.tmp",
                           "step-99999999999999999999.safetensors", "xstep-1.safetensors"}) {
    EXPECT_FALSE(checkpoint_step(name)) << name;
  }
}

TEST_F(CheckpointTest, TheFolderKeepsTheNewestAndTheBest) {
  const CheckpointFolder folder(directory_.path() / "checkpoints");
  EXPECT_THAT(folder.steps(), IsEmpty());
  Trainer trainer(run_, pool_);
  for (int i = 0; i < 6; ++i) {
    trainer.step();
    folder.save(trainer);
  }
  std::ofstream(directory_.path() / "checkpoints/notes.txt") << "stays";
  std::ofstream(directory_.path() / "checkpoints/.17.0.tmp") << "in the making";
  folder.prune(2, 1);
  EXPECT_THAT(folder.steps(), ElementsAre(1, 5, 6));
  folder.prune(2, std::nullopt);
  EXPECT_THAT(folder.steps(), ElementsAre(5, 6));
  folder.remove_after(5);
  EXPECT_THAT(folder.steps(), ElementsAre(5));
  EXPECT_TRUE(fs::exists(directory_.path() / "checkpoints/notes.txt"));
  EXPECT_FALSE(fs::exists(directory_.path() / "checkpoints/.17.0.tmp"));
}

TEST_F(CheckpointTest, TheFolderOffersTheOneBefore) {
  const CheckpointFolder folder(directory_.path() / "checkpoints");
  Trainer trainer(run_, pool_);
  for (int i = 0; i < 2; ++i) {
    trainer.step();
    folder.save(trainer);
  }
  std::ofstream(folder.path_of(2), std::ios::trunc) << "torn";
  EXPECT_THAT([&] { folder.restore(2, trainer); },
              ThrowsMessage<Error>(AllOf(HasSubstr("step-2.safetensors]"),
                                         HasSubstr("; the one before it is "),
                                         HasSubstr("step-1.safetensors: try --resume"))));
  fs::copy_file(folder.path_of(1), folder.path_of(2), fs::copy_options::overwrite_existing);
  EXPECT_THAT(
      [&] { folder.restore(2, trainer); },
      ThrowsMessage<Error>(HasSubstr("expected a checkpoint of step 2, found one of step 1")));
  std::ofstream(folder.path_of(1), std::ios::trunc) << "torn";
  EXPECT_THAT([&] { folder.restore(1, trainer); },
              ThrowsMessage<Error>(HasSubstr("there is none before it")));
}

}  // namespace
}  // namespace reformer::test
