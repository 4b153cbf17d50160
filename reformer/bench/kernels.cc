#include "reformer/bench/kernels.h"

#include <iterator>

namespace reformer {

std::vector<Kernel> all_kernels(const ModelConfig& config,
                                std::span<const std::string> attentions) {
  std::vector<Kernel> all = product_kernels(config);
  for (auto more :
       {row_kernels(config), hash_kernels(config), attention_kernels(config, attentions)}) {
    all.insert(all.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
  }
  return all;
}

}  // namespace reformer
