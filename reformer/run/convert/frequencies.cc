#include "reformer/run/convert/frequencies.h"

#include <cmath>
#include <cstring>
#include <vector>

namespace reformer::internal {
namespace {

std::vector<float> values(int64_t width) {
  std::vector<float> result;
  for (int64_t i = 0; i < width; i += 2) {
    const double exponent = static_cast<double>(i) / static_cast<double>(width);
    result.push_back(static_cast<float>(std::pow(10000.0, -exponent)));
  }
  return result;
}

}  // namespace

std::string frequencies(int64_t width) {
  const std::vector<float> all = values(width);
  return {reinterpret_cast<const char*>(all.data()), all.size() * sizeof(float)};
}

bool are_frequencies(const TensorView& tensor, int64_t width) {
  if (tensor.dtype != "F32" || tensor.shape != std::vector<int64_t>{width / 2}) return false;
  const std::vector<float> expected = values(width);
  std::vector<float> found(expected.size());
  if (tensor.bytes.size() != found.size() * sizeof(float)) return false;
  std::memcpy(found.data(), tensor.bytes.data(), tensor.bytes.size());
  for (size_t i = 0; i < found.size(); ++i) {
    // Theirs are rounded to float three times.
    if (!(std::abs(found[i] - expected[i]) <= 1e-6F * expected[i])) return false;
  }
  return true;
}

}  // namespace reformer::internal
