// Which switches the Table 2 study flips, to show what makes the published tables differ.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reformer {

// A change of one meaning of attention, and which cell of models that were trained under `own`
// shows what it does.
struct Table2Switch {
  std::string_view own;
  std::string_view base;
  std::vector<std::string> changes;  // none: the meaning itself
  std::string_view trained;
  std::string_view evaluated;
};

// Each published difference by the smallest change that brings it about, put into a meaning that
// keeps the accuracy, and by the smallest one that takes it away, out of a meaning that loses it;
// beside changes that do not.
const std::vector<Table2Switch>& table2_switches();

}  // namespace reformer
