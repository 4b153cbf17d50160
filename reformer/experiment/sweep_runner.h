// Trains the members of a sweep, several at a time, each in a directory of its own that resumes.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reformer/experiment/sweep.h"
#include "reformer/run/run_clock.h"
#include "reformer/train/trainer.h"

namespace reformer {

struct SweepOptions {
  int64_t jobs = 1;     // members at a time
  int threads = 1;      // of each
  int64_t retries = 1;  // of a member that fails; one that diverges would do so again
};

enum class MemberStatus { finished, interrupted, failed };

template <>
struct EnumNames<MemberStatus> {
  static constexpr std::pair<MemberStatus, std::string_view> names[] = {
      {MemberStatus::finished, "finished"},
      {MemberStatus::interrupted, "interrupted"},
      {MemberStatus::failed, "failed"}};
};

struct MemberOutcome {
  MemberStatus status = MemberStatus::interrupted;
  std::string error;  // of one that failed
  int64_t step = 0;
  std::optional<BatchLoss> validation;  // of one that finished
  bool target_reached = false;
};

// Whoever watches. Calls come from the threads that train, one at a time.
class SweepObserver {
 public:
  virtual ~SweepObserver() = default;
  virtual void member_begins(size_t /*member*/, int64_t /*attempt*/, int64_t /*step*/) {}
  virtual void step_done(size_t /*member*/, const StepReport&) {}
  virtual void member_ends(size_t /*member*/, const MemberOutcome&) {}
  // Why all should stop, or "": asked after every step of each.
  virtual std::string stop_reason() { return ""; }
};

// Trains every member in `directory`/name: begins it, goes on with it, or leaves it as it is when
// it is finished. What happens to one does not touch the others; what failed is the member's
// outcome. The results have the same bits for any options, and however often this was stopped or
// killed.
std::vector<MemberOutcome> run_members(std::span<const SweepMember> members,
                                       const std::filesystem::path& directory,
                                       const SweepOptions& options, const RunClock& clock,
                                       SweepObserver& observer);

// Writes the description to `directory`/sweep.json, or checks that the one that is there is the
// same. Throws Error when it is of another sweep.
void claim_sweep(const std::filesystem::path& directory, const Sweep& sweep);

// The description in `directory`. Throws Error when there is none.
Sweep read_sweep(const std::filesystem::path& directory);

}  // namespace reformer
