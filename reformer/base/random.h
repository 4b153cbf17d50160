// Random numbers without state: a stream is named by a key, and any of its numbers can be read at
// any time, by any thread, in any order. So a resumed run needs no generator state and threads
// change nothing.
//
// The generator is Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2,
// 3").
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace reformer {

// What the numbers are for. Two purposes never share numbers, whatever the rest of the key. The
// values are part of every run's identity: add at the end, never renumber.
enum class Purpose : uint32_t {
  parameters,
  rotations,
  data,
  validation_data,
  dropout,
  test,
  generation
};

// The name of a stream. Coordinates that do not matter stay 0.
struct StreamKey {
  uint64_t seed = 0;
  Purpose purpose = Purpose::test;
  uint64_t step = 0;
  uint32_t layer = 0;
  uint32_t head = 0;
  uint32_t example = 0;
  uint32_t round = 0;
};

// Four random words for a 128-bit counter and a 64-bit key, low words first.
std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

// An endless, immutable sequence of 32-bit words. `uniform`, `normal` and `below` are readings of
// the same words, so read a stream in one way only, or through disjoint indices.
class RandomStream {
 public:
  explicit RandomStream(const StreamKey& key);

  // Words 4i .. 4i+3.
  std::array<uint32_t, 4> block(uint64_t i) const;

  // Word i.
  uint32_t bits(uint64_t i) const;

  // Word i as a multiple of 2^-32 in [0, 1).
  double uniform(uint64_t i) const;

  // Standard normal i, of single precision; 2j and 2j+1 come from the words of the same indices.
  double normal(uint64_t i) const;

  // An integer in [0, bound) from words 2i and 2i+1; bound > 0. The bias is below 2^-32.
  uint64_t below(uint64_t i, uint32_t bound) const;

  // out[i] = normal(i), bit for bit.
  void fill_normal(std::span<float> out) const;

  // out[i] = low + (high - low) * uniform(i), rounded to float (so that `high` may occur).
  void fill_uniform(std::span<float> out, float low, float high) const;

 private:
  std::array<uint32_t, 2> key_;
  std::array<uint32_t, 2> stream_;  // upper half of the counter
};

}  // namespace reformer
