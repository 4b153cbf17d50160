#include "reformer/math/precision.h"

#include "reformer/base/error.h"
#include "reformer/math/bf16.h"
#include "reformer/math/target.h"

namespace reformer {

void require_native(Precision precision) {
  if (precision == Precision::fp32 || bf16_is_native()) return;
  fail("precision",
       "expected fp32, since this CPU does not multiply bf16 (avx512_bf16; {} is in use), found "
       "bf16; try --precision fp32",
       active_target());
}

}  // namespace reformer
