// Thousands of damaged checkpoints, configurations and databases: each is refused with an Error, or
// read as something valid. Run under sanitizers by ./check.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iostream>

#include "reformer/base/error.h"
#include "reformer/run/checkpoint.h"
#include "reformer/run/run_writer.h"
#include "tests/faults/fault_run.h"
#include "tests/support/read_run.h"

namespace reformer::test {
namespace {

namespace fs = std::filesystem;

// Reproducible without any library's distribution.
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}
  size_t below(size_t end) { return end == 0 ? 0 : static_cast<size_t>(next() % end); }

 private:
  uint64_t next() {  // SplitMix64
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  uint64_t state_;
};

// One to four changes: a bit, a byte, a cut, a part that is doubled, moved, lost or zeroed.
std::string damaged(std::string bytes, Dice& dice) {
  for (size_t changes = 1 + dice.below(4); changes > 0 && !bytes.empty(); --changes) {
    const size_t at = dice.below(bytes.size());
    const size_t length = 1 + dice.below(std::min<size_t>(bytes.size() - at, 600));
    switch (dice.below(7)) {
      case 0:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << dice.below(8)));
        break;
      case 1:
        bytes[at] = static_cast<char>(dice.below(256));
        break;
      case 2:
        bytes.resize(at);
        break;
      case 3:
        bytes.insert(at, bytes.substr(dice.below(bytes.size()), length));
        break;
      case 4:
        bytes.replace(at, length, bytes.substr(dice.below(bytes.size()), length));
        break;
      case 5:
        bytes.erase(at, length);
        break;
      default:
        std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), length, '\0');
    }
  }
  return bytes;
}

void put(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

class Mutated : public testing::Test {
 protected:
  void SetUp() override {
    RunConfig config = small_training();
    config.train.steps = 40;
    Watcher watcher = stop_after(30);
    TrainingRun::begin(files_.root, config, false, pool_, counting_clock())->train(watcher);
  }

  // Reads `count` damaged forms of a file by `read`, which may throw Error and nothing else.
  template <class Read>
  void read_damaged(const fs::path& path, int count, uint64_t seed, Read read) {
    const std::string original = read_file(path);
    Dice dice(seed);
    int refused = 0, unchanged = 0;
    for (int i = 0; i < count; ++i) {
      const std::string bytes = damaged(original, dice);
      put(path, bytes);
      unchanged += bytes == original;
      try {
        read(bytes == original);
      } catch (const Error& error) {
        ++refused;
        ASSERT_NE(bytes, original) << error.what();
      } catch (const std::exception& error) {
        FAIL() << "number " << i << ": " << error.what();
      }
      ASSERT_FALSE(HasFatalFailure()) << "number " << i;
    }
    std::cout << count << " damaged forms of " << path.filename().string() << ": " << refused
              << " refused, " << count - refused - unchanged << " valid, " << unchanged
              << " with no damage\n";
    EXPECT_GT(refused, 0);
  }

  TemporaryDirectory directory_{quick_parent()};
  RunFiles files_{directory_.path() / "run"};
  ThreadPool pool_{1};
};

TEST_F(Mutated, CheckpointsAreRefused) {
  Trainer trainer(read_run_config(files_), pool_);
  const fs::path path = files_.checkpoints().path_of(30);
  restore_checkpoint(path, trainer);
  read_damaged(path, REFORMER_MUTATIONS, 1, [&](bool intact) {
    restore_checkpoint(path, trainer);
    ASSERT_TRUE(intact) << "damage was not noticed";
  });
  EXPECT_EQ(trainer.steps_done(), 30);
}

TEST_F(Mutated, ConfigurationsAreRefusedOrValid) {
  read_damaged(files_.config(), REFORMER_MUTATIONS, 2, [&](bool) {
    const RunConfig config = read_run_config(files_);
    EXPECT_NO_THROW(validate(config));
  });
}

// A database has no checksum: damage to a number is another number.
TEST_F(Mutated, DatabasesAreRefusedOrRead) {
  read_damaged(files_.database(), REFORMER_MUTATIONS, 3,
               [&](bool) { read_run(files_.database()); });
}

TEST_F(Mutated, DatabasesAreRefusedOrWrittenTo) {
  read_damaged(files_.database(), REFORMER_MUTATIONS, 4, [&](bool) {
    RunWriter writer(files_.database());
    writer.forget_after(20);
    StepMetrics metrics;
    metrics.step = 21;
    writer.add(metrics);
    ASSERT_TRUE(writer.commit(2e9, 0));
  });
}

// A run goes on, or says why not, and lets go of its lock. A damaged configuration is not among
// them: it could ask for a model of any size.
TEST_F(Mutated, RunsGoOnOrAreRefused) {
  for (const fs::path& path : {files_.database(), files_.checkpoints().path_of(30)}) {
    const std::string original = read_file(path);
    read_damaged(path, REFORMER_MUTATIONS / 10, 5, [&](bool) {
      static_cast<void>(TrainingRun::resume(files_.root, pool_, counting_clock()));
    });
    put(path, original);
    EXPECT_FALSE(fs::exists(files_.lock()));
  }
}

}  // namespace
}  // namespace reformer::test
