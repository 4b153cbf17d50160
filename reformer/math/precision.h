// In which numbers the operands of products are.
#pragma once

#include <string_view>
#include <utility>

#include "reformer/base/settings.h"

namespace reformer {

// bf16: operands are rounded to bf16, sums and everything else stay float (bf16.h).
enum class Precision { fp32, bf16 };

template <>
struct EnumNames<Precision> {
  static constexpr std::pair<Precision, std::string_view> names[] = {{Precision::fp32, "fp32"},
                                                                     {Precision::bf16, "bf16"}};
};

// Throws Error when the CPU, or the instruction set in use, has no instructions for it: a run would
// be many times slower than in fp32.
void require_native(Precision precision);

}  // namespace reformer
