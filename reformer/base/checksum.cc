#include "reformer/base/checksum.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <memory>

#include "reformer/base/error.h"

namespace reformer {

std::string xxh3_digits(std::initializer_list<std::string_view> pieces) {
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(),
                                                                       &XXH3_freeState);
  REFORMER_CHECK(state != nullptr);
  XXH3_64bits_reset(state.get());
  for (const std::string_view piece : pieces) {
    XXH3_64bits_update(state.get(), piece.data(), piece.size());
  }
  return fmt::format("{:016x}", XXH3_64bits_digest(state.get()));
}

}  // namespace reformer
