// What one program has and the other lacks, collected so that one message tells all of it.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reformer/base/error.h"
#include "reformer/base/json.h"
#include "reformer/run/safetensors.h"

namespace reformer::internal {

class Lacks {
 public:
  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    found_.push_back(fmt::format(format, std::forward<Args>(args)...));
  }

  // Throws Error "[where] expected ..., found: a; b; c".
  void fail_if_any(std::string_view where, std::string_view expected) const {
    if (!found_.empty()) fail(where, "expected {}, found: {}", expected, fmt::join(found_, "; "));
  }

 private:
  std::vector<std::string> found_;
};

// A part of a tensor's name that gives a feature away.
struct FeatureMark {
  std::string_view part;
  std::string_view feature;
};

// Adds the feature of each mark that occurs in a name, with the first such name.
inline void add_marked(Lacks& lacks, std::span<const TensorView> tensors,
                       std::span<const FeatureMark> marks) {
  for (const FeatureMark& mark : marks) {
    for (const TensorView& tensor : tensors) {
      if (tensor.name.find(mark.part) == std::string::npos) continue;
      lacks.add("{} ({})", mark.feature, quote_text(tensor.name));
      break;
    }
  }
}

}  // namespace reformer::internal
