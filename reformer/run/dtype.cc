#include "reformer/run/dtype.h"

#include <algorithm>
#include <iterator>

namespace reformer {
namespace {

struct Dtype {
  std::string_view name;
  int bits;
};

// In the order of the reference implementation (the Dtype enum of huggingface/safetensors 0.8), so
// that our files have the tensor order of its writer.
constexpr Dtype kDtypes[] = {
    {"BOOL", 8},        {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"U8", 8},
    {"I8", 8},          {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8},
    {"F8_E5M2FNUZ", 8}, {"I16", 16},    {"U16", 16},    {"F16", 16},    {"BF16", 16},
    {"I32", 32},        {"U32", 32},    {"F32", 32},    {"C64", 64},    {"F64", 64},
    {"I64", 64},        {"U64", 64},
};

}  // namespace

int dtype_bits(std::string_view dtype) {
  const auto* found = std::ranges::find(kDtypes, dtype, &Dtype::name);
  return found == std::end(kDtypes) ? 0 : found->bits;
}

int dtype_order(std::string_view dtype) {
  return static_cast<int>(std::ranges::find(kDtypes, dtype, &Dtype::name) - std::begin(kDtypes));
}

}  // namespace reformer
