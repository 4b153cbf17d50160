#include "reformer/experiment/table2_switches.h"

namespace reformer {

const std::vector<Table2Switch>& table2_switches() {
  const std::string small = "lsh_logit_scale=inverse-sqrt-dim";
  const std::vector<std::string> not_itself = {"full_own=replace", "full_own_value=-10000"};
  static const std::vector<Table2Switch> all = {
      {"consistent", "consistent", {"full_own=allowed"}, "lsh-4", "full"},
      {"consistent",
       "consistent",
       {"full_key_norm=none", "full_logit_scale=inverse-sqrt-dim"},
       "lsh-4",
       "full"},
      {"consistent",
       "consistent",
       {"full_own=allowed", "full_key_norm=none", "full_logit_scale=inverse-sqrt-dim"},
       "lsh-4",
       "full"},
      {"consistent", "consistent", {small}, "full", "lsh-8"},
      {"consistent", "consistent", {"lsh_key_norm=none", small}, "full", "lsh-8"},
      {"paper", "paper", {small}, "full", "lsh-8"},
      {"paper", "seed", {}, "full", "lsh-8"},
      {"paper", "seed", {"lsh_logit_scale=one"}, "full", "lsh-8"},
      {"paper", "paper", not_itself, "lsh-4", "full"},
      {"paper", "consistent", {}, "lsh-4", "full"},
      {"paper", "consistent", {"full_own=allowed"}, "lsh-4", "full"},
      {"paper", "paper", not_itself, "lsh-2", "full"},
      {"paper", "paper", not_itself, "lsh-1", "full"},
      {"seed", "paper", {}, "full", "lsh-8"},
      {"seed", "paper", {small}, "full", "lsh-8"},
      {"seed", "seed", {"lsh_logit_scale=one"}, "full", "lsh-8"},
      {"seed", "seed", {"lsh_key_norm=none"}, "full", "lsh-8"},
      {"seed", "seed", {"full_key_norm=unit"}, "lsh-4", "full"},
      {"seed", "seed", {"full_key_norm=unit"}, "lsh-2", "full"},
      {"seed", "seed", {"full_key_norm=unit"}, "lsh-1", "full"},
  };
  return all;
}

}  // namespace reformer
