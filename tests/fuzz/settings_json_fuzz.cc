// Any text as the JSON of a model's settings: refused with an Error and nothing changed, or read so
// that writing and reading again gives the same settings.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "reformer/base/error.h"
#include "reformer/base/json.h"
#include "reformer/base/settings.h"
#include "reformer/model/config.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace reformer;
  ModelConfig config;
  const std::vector<Setting> settings = settings_of(config);
  try {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    settings_from_json(settings, parse_json(text, "input"), "input");
  } catch (const Error&) {
    REFORMER_CHECK(config == ModelConfig());
    return 0;
  }
  ModelConfig copy;
  const std::string text = settings_to_json(settings).dump();
  settings_from_json(settings_of(copy), parse_json(text, "copy"), "copy");
  REFORMER_CHECK(copy == config);
  return 0;
}
