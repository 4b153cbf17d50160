#include "reformer/run/stored_model.h"

#include "reformer/run/run_files.h"

namespace reformer {

StoredModel open_model(const std::filesystem::path& path) {
  StoredModel model;
  model.path = find_model(path);
  model.file = load_model(model.path);
  model.record = training_record_from_json(model.file.training, model.file.config,
                                           model.path.string() + ": training");
  return model;
}

}  // namespace reformer
