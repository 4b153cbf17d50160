#include "tests/model/gradient_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "reformer/base/random.h"
#include "reformer/math/bf16.h"
#include "reformer/math/target.h"

namespace reformer::test {
namespace {

constexpr double kEps = std::numeric_limits<float>::epsilon();
constexpr double kBf16Eps = 0x1p-9;
constexpr uint64_t kCoordinates = 2;  // of each parameter

// What the reference says: one number for each of some directions.
struct Slopes {
  double loss;
  std::vector<int64_t> coordinates;
  std::vector<double> at_coordinate;
  std::vector<double> direction;  // 1 or -1 for every parameter
  double along_direction;
};

Slopes slopes_of(const ModelCase& c, reference::Model<double> model) {
  const RandomStream random({.seed = c.context.attention.rotation_seed, .layer = 4});
  Slopes slopes;
  slopes.loss = loss(model, c.example());
  uint64_t draws = 0;
  for (const ParameterInfo& p : model.layout.all()) {
    for (uint64_t i = 0; i < kCoordinates; ++i) {
      const auto within = random.below(draws++, static_cast<uint32_t>(p.size));
      slopes.coordinates.push_back(p.offset + static_cast<int64_t>(within));
      std::vector<double> axis(model.parameters.size(), 0.0);
      axis[static_cast<size_t>(slopes.coordinates.back())] = 1;
      slopes.at_coordinate.push_back(slope(model, c.example(), axis));
    }
  }
  for (size_t i = 0; i < model.parameters.size(); ++i) {
    slopes.direction.push_back(random.below(draws++, 2) == 0 ? 1 : -1);
  }
  slopes.along_direction = slope(model, c.example(), slopes.direction);
  return slopes;
}

void compare(const Trained& actual, const Slopes& expected, const ParameterLayout& layout,
             double relative, bool is_exact) {
  EXPECT_NEAR(actual.loss.loss, expected.loss, relative * expected.loss);
  double largest = 0, along = 0;
  for (size_t i = 0; i < actual.gradient.size(); ++i) {
    largest = std::max(largest, std::abs(double{actual.gradient[i]}));
    along += actual.gradient[i] * expected.direction[i];
  }
  size_t next = 0;
  for (const ParameterInfo& p : layout.all()) {
    for (uint64_t i = 0; i < kCoordinates; ++i, ++next) {
      const int64_t at = expected.coordinates[next];
      EXPECT_NEAR(actual.gradient[static_cast<size_t>(at)], expected.at_coordinate[next],
                  relative * largest)
          << p.name << " [" << at - p.offset << "]";
    }
    const auto first = actual.gradient.begin() + p.offset;
    const double most = std::abs(*std::max_element(
        first, first + p.size, [](float a, float b) { return std::abs(a) < std::abs(b); }));
    // A gradient of nothing would agree with anything.
    EXPECT_TRUE(!is_exact || most > relative * largest) << p.name;
  }
  const auto count = static_cast<double>(actual.gradient.size());
  EXPECT_NEAR(along, expected.along_direction, relative * largest * std::sqrt(count));
}

}  // namespace

void check_gradient(const ModelCase& c, double logit_error, const reference::DropoutMask& mask) {
  // Rounding errors grow with the length of the sums that a value goes through.
  const ModelConfig& config = c.config;
  const auto terms = static_cast<double>(config.length + config.model_dim +
                                         config.feed_forward_dim + config.head_dim);
  const double relative = 16 * terms * kEps + logit_error;
  const Trained first = train(c);
  reference::Model<double> model = reference_of(c, first.plans);
  model.mask = mask;
  const Slopes expected = slopes_of(c, model);
  for (const std::string& name : available_targets()) {
    SCOPED_TRACE(c.describe() + " on " + name);
    const OnTarget target(name);
    const Trained actual = train(c);
    ASSERT_TRUE(same_buckets(actual, first));
    compare(actual, expected, model.layout, relative, logit_error == 0);
  }
}

namespace {

// Rounds to bf16 the first time; from then on adds what that added, in the same order.
class FrozenRounding {
 public:
  double operator()(double x) {
    if (recording) {
      added_.push_back(double{from_bf16(to_bf16(static_cast<float>(x)))} - x);
      return x + added_.back();
    }
    return x + added_[next_++ % added_.size()];
  }
  bool recording = true;

 private:
  std::vector<double> added_;
  size_t next_ = 0;
};

}  // namespace

void check_bf16_gradient(const ModelCase& c) {
  // A gradient passes 6 products of a layer and that of the output: each rounds it, which moves a
  // sum by half a unit in the last of 8 bits of its terms' magnitudes; these are a few times the
  // sum.
  const double relative = 4 * static_cast<double>(6 * c.config.layers + 1) * kBf16Eps;
  const Trained first = train(c, Precision::bf16);
  reference::Model<double> model = reference_of(c, first.plans);
  const auto rounding = std::make_shared<FrozenRounding>();
  model.round = [rounding](double x) { return (*rounding)(x); };
  loss(model, c.example());
  rounding->recording = false;
  const Slopes expected = slopes_of(c, model);
  for (const std::string& name : available_targets()) {
    SCOPED_TRACE(c.describe() + " in bf16 on " + name);
    const OnTarget target(name);
    const Trained actual = train(c, Precision::bf16);
    ASSERT_TRUE(same_buckets(actual, first));
    compare(actual, expected, model.layout, relative, false);
  }
}

AttentionSemantics with_gentle_constants(AttentionSemantics semantics) {
  for (LogitRule* rule : {&semantics.full, &semantics.lsh}) {
    rule->own_value = std::clamp(rule->own_value, -60.0, 90.0);
  }
  semantics.other_bucket_value = std::min(semantics.other_bucket_value, 45.0);
  return semantics;
}

double largest_constant(const AttentionChoice& choice) {
  const AttentionSemantics& s = choice.semantics;
  if (choice.kind == AttentionKind::full) return std::abs(s.full.own_value);
  return std::max(std::abs(s.lsh.own_value), s.other_bucket_value);
}

}  // namespace reformer::test
