#include "reformer/run/checkpoint_folder.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/run/checkpoint.h"

namespace reformer {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "step-";
constexpr std::string_view kCheckpointSuffix = ".safetensors";

}  // namespace

std::optional<int64_t> checkpoint_step(const fs::path& file) {
  const std::string name = file.filename().string();
  if (!name.starts_with(kPrefix) || !name.ends_with(kCheckpointSuffix)) return std::nullopt;
  const char* begin = name.data() + kPrefix.size();
  const char* end = name.data() + name.size() - kCheckpointSuffix.size();
  int64_t step = 0;
  const auto [stop, error] = std::from_chars(begin, end, step);
  // Only one name for each step: no sign, no leading zeros.
  const bool plain = error == std::errc() && stop == end &&
                     std::to_string(step).size() == static_cast<size_t>(end - begin);
  return plain && step >= 0 ? std::optional(step) : std::nullopt;
}

fs::path CheckpointFolder::path_of(int64_t step) const {
  return folder_ / fmt::format("{}{}{}", kPrefix, step, kCheckpointSuffix);
}

std::vector<int64_t> CheckpointFolder::steps() const {
  std::vector<int64_t> steps;
  std::error_code code;
  for (fs::directory_iterator entry(folder_, code), end; !code && entry != end;
       entry.increment(code)) {
    if (const auto step = checkpoint_step(entry->path())) steps.push_back(*step);
  }
  if (code && code != std::errc::no_such_file_or_directory) {
    fail(folder_.string(), "expected a folder of checkpoints that can be read, found: {}",
         code.message());
  }
  std::ranges::sort(steps);
  return steps;
}

void CheckpointFolder::save(Trainer& trainer) const {
  if (std::error_code ignored; !fs::exists(folder_, ignored)) {
    ensure_writable_directory(folder_);
    flush_directory(folder_.parent_path());
  }
  save_checkpoint(path_of(trainer.steps_done()), trainer);
}

void CheckpointFolder::restore(int64_t step, Trainer& trainer) const {
  try {
    restore_checkpoint(path_of(step), trainer);
    if (trainer.steps_done() != step) {
      fail(path_of(step).string(), "expected a checkpoint of step {}, found one of step {}", step,
           trainer.steps_done());
    }
  } catch (const Error& error) {
    const std::vector<int64_t> all = steps();
    const auto next = std::ranges::lower_bound(all, step);
    if (next == all.begin()) {
      throw Error(fmt::format("{}; there is none before it", error.what()));
    }
    throw Error(fmt::format("{}; the one before it is {}: try --resume with that file",
                            error.what(), path_of(*std::prev(next)).string()));
  }
}

void CheckpointFolder::prune(int64_t keep, std::optional<int64_t> best) const {
  std::vector<int64_t> old = steps();
  old.resize(old.size() - std::min(old.size(), static_cast<size_t>(keep)));
  std::error_code ignored;  // what is left over is tried again the next time
  for (const int64_t step : old) {
    if (step != best) fs::remove(path_of(step), ignored);
  }
}

void CheckpointFolder::remove_after(int64_t step) const {
  for (const int64_t other : steps()) {
    if (other > step) remove_file(path_of(other));
  }
  remove_left_overs(folder_);
}

}  // namespace reformer
