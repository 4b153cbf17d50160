#include "reformer/run/run_files.h"

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/base/host.h"
#include "reformer/base/json.h"
#include "reformer/base/version.h"
#include "reformer/math/target.h"
#include "reformer/run/checkpoint_folder.h"

namespace reformer {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

}  // namespace

CheckpointFolder RunFiles::checkpoints() const { return CheckpointFolder(root / "checkpoints"); }

bool holds_run(const RunFiles& files) {
  return is_there(files.config()) || is_there(files.database()) || is_there(files.model()) ||
         !files.checkpoints().steps().empty();
}

void require_outside_runs(const fs::path& output, std::string_view where) {
  std::error_code ignored;
  const fs::path place = fs::weakly_canonical(fs::absolute(output, ignored).parent_path(), ignored);
  const RunFiles files{place};
  const fs::path file = place / output.filename();
  const bool of_database = file.string().starts_with(files.database().string());  // and its journal
  const bool of_run = is_there(files.database()) && (of_database || file == files.config() ||
                                                     file == files.model() || file == files.lock());
  const bool of_checkpoints =
      place.filename() == "checkpoints" && is_there(RunFiles{place.parent_path()}.database());
  if (of_run || of_checkpoints) {
    fail(where, "expected a file that is not a run's own, found {}; try another place",
         quote_text(output.string()));
  }
}

void require_no_run(const fs::path& directory) {
  if (is_there(RunFiles{directory}.database())) {
    fail(directory.string(), "expected a directory for runs, found a run; try another one");
  }
}

void remove_run(const RunFiles& files) {
  // The configuration last: with it, what is left of a removal that was cut short is still a run.
  files.checkpoints().remove_after(-1);
  const fs::path journal = files.database().string() + "-journal";
  for (const fs::path& path : {files.model(), files.database(), journal, files.config()}) {
    remove_file(path);
  }
}

void write_run_config(const RunFiles& files, const RunConfig& config) {
  nlohmann::ordered_json object = to_json(config);
  object[kWrittenBy] = {{"version", version()},
                        {"commit", commit()},
                        {"simd", active_target()},
                        {"cpu", cpu_name()},
                        {"host", host_name()}};
  const auto replace = nlohmann::ordered_json::error_handler_t::replace;
  write_file_atomically(files.config(), object.dump(2, ' ', false, replace) + "\n");
}

RunConfig read_run_config(const RunFiles& files) {
  const std::string where = files.config().string();
  return parse_run_config(parse_json(read_file(files.config()), where), where);
}

RunConfig parse_run_config(const nlohmann::json& object, std::string_view where,
                           MissingSettings missing) {
  RunConfig config;
  from_json(object, config, where);
  if (missing == MissingSettings::refused) require_all_settings(object, where);
  try {
    validate(config);
  } catch (const Error& error) {
    fail(where, "{}", error.what());  // with the name of the file before it
  }
  return config;
}

fs::path find_model(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return path;
  const RunFiles files{path};
  if (fs::exists(files.model(), ignored)) return files.model();
  const std::vector<int64_t> steps = files.checkpoints().steps();
  if (steps.empty()) {
    if (holds_run(files)) {
      fail(path.string(),
           "expected a run with a model or a checkpoint, found none; try again when "
           "it has saved one");
    }
    fail(path.string(),
         "expected a model's file or the directory of a run, found another "
         "directory; try a path in it");
  }
  return files.checkpoints().path_of(steps.back());
}

}  // namespace reformer
