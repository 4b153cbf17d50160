#include "reformer/base/random.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "reformer/base/error.h"

namespace reformer {
namespace {

// The finaliser of SplitMix64: a bijection in which every input bit reaches every output bit.
constexpr uint64_t mix(uint64_t z) {
  z += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

constexpr uint64_t pack(uint32_t high, uint32_t low) { return uint64_t{high} << 32 | low; }

constexpr std::array<uint32_t, 2> halves(uint64_t z) {
  return {static_cast<uint32_t>(z), static_cast<uint32_t>(z >> 32)};
}

// ln u for u in (0, 1]: u = 2^e m with m in [sqrt(1/2), sqrt(2)), ln m = 2 artanh((m - 1) / (m +
// 1)). Our own, as is the sine below: a library's may differ between machines, and cannot be
// vectorised.
inline float natural_log(float u) {
  constexpr int32_t kRootHalf = 0x3f3504f3;
  const auto bits = std::bit_cast<int32_t>(u);
  const int32_t exponent = (bits - kRootHalf) >> 23;
  const float m = std::bit_cast<float>(bits - exponent * (1 << 23));
  const float s = (m - 1.0f) / (m + 1.0f);
  const float z = s * s;
  const float series = z * (2.0f / 3 + z * (2.0f / 5 + z * (2.0f / 7 + z * (2.0f / 9))));
  return static_cast<float>(exponent) * 0.693147181f + (2.0f * s + s * series);
}

// Box-Muller: the radius from word a, the angle 2 pi b / 2^32 from word b.
inline void normal_pair(uint32_t a, uint32_t b, float& first, float& second) {
  const float u = (static_cast<float>(a) + 0.5f) * 0x1p-32f;
  const float radius = std::sqrt(-2.0f * natural_log(u));
  // The nearest quarter turn, exact in integers, and the rest in [-pi/4, pi/4).
  const uint32_t quarter = (b + (1u << 29)) >> 30;
  const float x = static_cast<float>(static_cast<int32_t>(b - (quarter << 30))) * 1.46291808e-9f;
  const float z = x * x;
  const float sine =
      x + x * z * (-1.0f / 6 + z * (1.0f / 120 + z * (-1.0f / 5040 + z * (1.0f / 362880))));
  const float cosine =
      1.0f + z * (-0.5f + z * (1.0f / 24 + z * (-1.0f / 720 + z * (1.0f / 40320))));
  const bool swapped = quarter & 1;
  const float c = swapped ? sine : cosine;
  const float s = swapped ? cosine : sine;
  first = radius * ((quarter + 1) & 2 ? -c : c);
  second = radius * (quarter & 2 ? -s : s);
}

}  // namespace

std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = uint64_t{0xd2511f53u} * counter[0];
    const uint64_t p1 = uint64_t{0xcd9e8d57u} * counter[2];
    counter = {static_cast<uint32_t>(p1 >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(p1),
               static_cast<uint32_t>(p0 >> 32) ^ counter[3] ^ key[1], static_cast<uint32_t>(p0)};
    key[0] += 0x9e3779b9u;
    key[1] += 0xbb67ae85u;
  }
  return counter;
}

RandomStream::RandomStream(const StreamKey& key) : key_(halves(mix(key.seed))) {
  uint64_t name = mix(static_cast<uint64_t>(key.purpose));
  name = mix(name ^ key.step);
  name = mix(name ^ pack(key.layer, key.head));
  name = mix(name ^ pack(key.example, key.round));
  stream_ = halves(name);
}

std::array<uint32_t, 4> RandomStream::block(uint64_t i) const {
  const auto [low, high] = halves(i);
  return philox4x32({low, high, stream_[0], stream_[1]}, key_);
}

uint32_t RandomStream::bits(uint64_t i) const { return block(i / 4)[i % 4]; }

double RandomStream::uniform(uint64_t i) const { return bits(i) * 0x1p-32; }

double RandomStream::normal(uint64_t i) const {
  const auto words = block(i / 4);
  const size_t pair = i % 4 & 2;
  float first, second;
  normal_pair(words[pair], words[pair + 1], first, second);
  return i % 2 ? second : first;
}

uint64_t RandomStream::below(uint64_t i, uint32_t bound) const {
  REFORMER_CHECK(bound > 0);
  const auto words = block(i / 2);
  const size_t pair = i % 2 * 2;
  // The upper 64 bits of the 96-bit product, in two steps.
  const uint64_t low = uint64_t{words[pair]} * bound;
  const uint64_t high = uint64_t{words[pair + 1]} * bound;
  return (high + (low >> 32)) >> 32;
}

void RandomStream::fill_normal(std::span<float> out) const {
  // Words first, arithmetic second: the second loop has no dependences, so compilers vectorise it.
  constexpr size_t kBatch = 64;
  std::array<uint32_t, kBatch / 2> a, b;
  std::array<float, kBatch / 2> first, second;
  for (size_t start = 0; start < out.size(); start += kBatch) {
    const size_t count = std::min(kBatch, out.size() - start);
    for (size_t i = 0; i < kBatch / 4; ++i) {
      const auto words = block(start / 4 + i);
      a[2 * i] = words[0], b[2 * i] = words[1];
      a[2 * i + 1] = words[2], b[2 * i + 1] = words[3];
    }
    for (size_t i = 0; i < kBatch / 2; ++i) normal_pair(a[i], b[i], first[i], second[i]);
    for (size_t i = 0; i < count; ++i) out[start + i] = (i % 2 ? second : first)[i / 2];
  }
}

void RandomStream::fill_uniform(std::span<float> out, float low, float high) const {
  const double width = double{high} - double{low};
  for (size_t start = 0; start < out.size(); start += 4) {
    const auto words = block(start / 4);
    for (size_t i = 0; i < std::min<size_t>(4, out.size() - start); ++i) {
      out[start + i] = static_cast<float>(low + width * (words[i] * 0x1p-32));
    }
  }
}

}  // namespace reformer
