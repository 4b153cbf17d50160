#include "reformer/base/random.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <numbers>
#include <set>
#include <stdexcept>
#include <vector>

namespace reformer {
namespace {

using Words = std::array<uint32_t, 4>;

TEST(Philox, EqualsTheVectorsOfItsAuthors) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(philox4x32({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

// Runs recorded by one version must continue under the next.
TEST(RandomStream, NumbersAreFrozen) {
  const RandomStream stream({.seed = 42,
                             .purpose = Purpose::rotations,
                             .step = 7,
                             .layer = 1,
                             .head = 2,
                             .example = 3,
                             .round = 4});
  EXPECT_EQ(stream.block(0), (Words{0xf1f03094, 0x4c46b7b0, 0x68c64453, 0xa4e8e5a0}));
  EXPECT_EQ(stream.block(uint64_t{1} << 40),
            (Words{0x1a086a9d, 0x626a72b4, 0x22a2afd6, 0x1c646607}));
  EXPECT_EQ(RandomStream(StreamKey{}).block(0),
            (Words{0x72182f87, 0x7fe406c6, 0x01437175, 0xeb12101a}));
}

TEST(RandomStream, ReadingsAreTheWordsTheyClaim) {
  const RandomStream stream({.seed = 1});
  for (uint64_t i = 0; i < 64; ++i) {
    const auto words = stream.block(i / 4);
    EXPECT_EQ(stream.bits(i), words[i % 4]);
    EXPECT_EQ(stream.uniform(i), words[i % 4] / 4294967296.0);
    for (const uint32_t bound : {1u, 2u, 127u, 0x80000001u, 0xffffffffu}) {
      const long double fraction =
          std::ldexp(static_cast<long double>(stream.bits(2 * i + 1)), -32) +
          std::ldexp(static_cast<long double>(stream.bits(2 * i)), -64);
      EXPECT_EQ(stream.below(i, bound), static_cast<uint64_t>(std::floor(fraction * bound)));
    }
  }
  EXPECT_THROW(stream.below(0, 0), std::logic_error);
}

TEST(RandomStream, NormalIsBoxMullerOfItsWords) {
  const RandomStream stream({.seed = 2});
  for (uint64_t i = 0; i < 100000; ++i) {
    const double a = (stream.bits(i & ~uint64_t{1}) + 0.5) / 4294967296.0;
    const double angle = 2 * std::numbers::pi * stream.bits(i | 1) / 4294967296.0;
    // Rounding the uniform number to float moves ln u by at most 2^-25, and r = sqrt(-2 ln u) with
    // it.
    const double square = -2 * std::log(a);
    const double tolerance =
        std::sqrt(square + 0x1p-24) - std::sqrt(square) + 4e-7 * (1 + std::sqrt(square));
    const double expected = std::sqrt(square) * (i % 2 ? std::sin(angle) : std::cos(angle));
    ASSERT_NEAR(stream.normal(i), expected, tolerance) << "i = " << i;
  }
}

TEST(RandomStream, FillEqualsRandomAccessForEveryLength) {
  const RandomStream stream({.seed = 3, .purpose = Purpose::rotations});
  for (size_t size = 0; size < 200; ++size) {
    std::vector<float> normal(size + 1, -99), uniform(size + 1, -99);
    stream.fill_normal(std::span(normal).first(size));
    stream.fill_uniform(std::span(uniform).first(size), -0.25f, 0.5f);
    for (size_t i = 0; i < size; ++i) {
      ASSERT_EQ(normal[i], static_cast<float>(stream.normal(i))) << size << " " << i;
      ASSERT_EQ(uniform[i], static_cast<float>(-0.25 + 0.75 * stream.uniform(i)));
    }
    EXPECT_EQ(normal[size], -99);
    EXPECT_EQ(uniform[size], -99);
  }
}

// Each tolerance is five standard errors.
TEST(RandomStream, Moments) {
  constexpr size_t n = 1 << 20;
  const RandomStream stream({.seed = 4});
  std::vector<float> normal(n), uniform(n);
  stream.fill_normal(normal);
  stream.fill_uniform(uniform, 0, 1);
  double sum[5] = {}, product = 0, uniform_sum = 0, uniform_square = 0, uniform_product = 0;
  for (size_t i = 0; i < n; ++i) {
    const double x = normal[i], y = normal[(i + 1) % n];
    for (int power = 1; power <= 4; ++power) sum[power] += std::pow(x, power);
    product += x * y;
    const double u = uniform[i] - 0.5, v = uniform[(i + 1) % n] - 0.5;
    uniform_sum += u, uniform_square += u * u, uniform_product += u * v;
  }
  const double error = 5 / std::sqrt(double{n});
  EXPECT_NEAR(sum[1] / n, 0, error);
  EXPECT_NEAR(sum[2] / n, 1, error * std::sqrt(2));
  EXPECT_NEAR(sum[3] / n, 0, error * std::sqrt(15));
  EXPECT_NEAR(sum[4] / n, 3, error * std::sqrt(96));
  EXPECT_NEAR(product / n, 0, error);
  EXPECT_NEAR(uniform_sum / n, 0, error * std::sqrt(1.0 / 12));
  EXPECT_NEAR(uniform_square / n, 1.0 / 12, error * std::sqrt(1.0 / 180));
  EXPECT_NEAR(uniform_product / n, 0, error / 12);
}

TEST(RandomStream, BelowIsUniform) {
  const RandomStream stream({.seed = 5});
  constexpr int kBound = 127, kDraws = 127 * 2000;
  std::vector<int> count(kBound);
  for (uint64_t i = 0; i < kDraws; ++i) ++count.at(stream.below(i, kBound));
  double chi_square = 0;
  for (const int c : count) chi_square += (c - 2000.0) * (c - 2000.0) / 2000;
  EXPECT_NEAR(chi_square, kBound - 1, 5 * std::sqrt(2.0 * (kBound - 1)));
}

std::vector<StreamKey> neighbours(const StreamKey& key) {
  std::vector<StreamKey> keys;
  const auto add = [&](auto change) { change(keys.emplace_back(key)); };
  add([](StreamKey& k) { ++k.seed; });
  add([](StreamKey& k) { k.seed += uint64_t{1} << 32; });
  add([](StreamKey& k) { k.purpose = Purpose::data; });
  add([](StreamKey& k) { ++k.step; });
  add([](StreamKey& k) { k.step += uint64_t{1} << 32; });
  add([](StreamKey& k) { ++k.layer; });
  add([](StreamKey& k) { ++k.head; });
  add([](StreamKey& k) { ++k.example; });
  add([](StreamKey& k) { ++k.round; });
  return keys;
}

TEST(RandomStream, EveryCoordinateGivesAnUnrelatedStream) {
  constexpr int kWords = 4096;
  const StreamKey key{.seed = 6, .purpose = Purpose::rotations};
  const RandomStream stream(key);
  for (const StreamKey& other_key : neighbours(key)) {
    const RandomStream other(other_key);
    int differing_bits = 0;
    double correlation = 0;
    for (uint64_t i = 0; i < kWords; ++i) {
      differing_bits += std::popcount(stream.bits(i) ^ other.bits(i));
      correlation += stream.normal(i) * other.normal(i);
    }
    EXPECT_NEAR(differing_bits, kWords * 16, 5 * std::sqrt(kWords * 8.0));
    EXPECT_NEAR(correlation / kWords, 0, 5 / std::sqrt(double{kWords}));
  }
}

TEST(RandomStream, NoTwoKeysShareAStream) {
  std::set<Words> blocks;
  size_t keys = 0;
  // Small values in every place: where a careless combination, such as a sum, would coincide.
  for (uint64_t seed = 0; seed < 3; ++seed)
    for (uint32_t purpose = 0; purpose < 6; ++purpose)
      for (uint64_t step = 0; step < 4; ++step)
        for (uint32_t layer = 0; layer < 4; ++layer)
          for (uint32_t head = 0; head < 4; ++head)
            for (uint32_t example = 0; example < 4; ++example)
              for (uint32_t round = 0; round < 4; ++round) {
                const RandomStream stream({.seed = seed,
                                           .purpose = static_cast<Purpose>(purpose),
                                           .step = step,
                                           .layer = layer,
                                           .head = head,
                                           .example = example,
                                           .round = round});
                blocks.insert(stream.block(0));
                ++keys;
              }
  EXPECT_EQ(blocks.size(), keys);
}

}  // namespace
}  // namespace reformer
