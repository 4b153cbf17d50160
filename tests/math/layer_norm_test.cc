#include "reformer/math/layer_norm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/math/central_difference.h"
#include "tests/math/compare.h"
#include "tests/math/guarded.h"
#include "tests/math/kernel_test.h"

namespace reformer {
namespace {

constexpr float kEpsilon = 1e-5F;

// One row in double, as the formula says it.
struct Reference {
  std::vector<double> normal;
  double inverse_std = 0;
  double mean_magnitude = 0;  // of x

  explicit Reference(const std::vector<double>& x, double epsilon = kEpsilon) {
    const auto n = static_cast<double>(x.size());
    double mean = 0;
    double variance = 0;
    for (const double v : x) mean += v / n;
    for (const double v : x) variance += (v - mean) * (v - mean) / n;
    for (const double v : x) mean_magnitude += std::abs(v) / n;
    inverse_std = 1 / std::sqrt(variance + epsilon);
    for (const double v : x) normal.push_back((v - mean) * inverse_std);
  }
};

std::vector<double> row_of(const Guarded& m, int64_t r) {
  const auto span = m.view().row_span(r);
  return {span.begin(), span.end()};
}

struct Problem {
  int64_t rows, cols;
  Guarded x, gain, bias;

  Problem(int64_t m, int64_t n, float low = -2, float high = 2)
      : rows(m),
        cols(n),
        x(Guarded(m, n, n % 4, n % 3).randomise(static_cast<uint64_t>(n), low, high)),
        gain(guarded_row(n, n % 5).randomise(2, 0.5, 1.5)),
        bias(guarded_row(n, n % 2).randomise(3)) {}
};

std::span<const float> span_of(const Guarded& row) { return row.view().row_span(0); }
std::span<float> span_of(Guarded& row) { return row.view().row_span(0); }

class LayerNorm : public KernelTest {
 protected:
  // Calls test(rows, cols) for many shapes, until one fails.
  template <class Test>
  static void for_each_shape(const Test& test) {
    for (const int64_t rows : {0, 1, 3}) {
      for (int64_t cols = 1; cols <= 70; cols += cols < 36 ? 1 : 7) {
        SCOPED_TRACE(testing::Message() << rows << " x " << cols);
        test(rows, cols);
        if (HasFailure()) return;
      }
    }
  }
};
REFORMER_FOR_EACH_TARGET(LayerNorm);

void expect_forward(const Problem& p) {
  Guarded normal(p.rows, p.cols, 2, 1);
  Guarded inverse_std = guarded_row(p.rows);
  Guarded y(p.rows, p.cols, 3, 2);
  layer_norm_forward(p.x, span_of(p.gain), span_of(p.bias), kEpsilon, normal, span_of(inverse_std),
                     y);
  std::vector<Reference> references;
  for (int64_t r = 0; r < p.rows; ++r) references.emplace_back(row_of(p.x, r));

  // The sums of the mean and the variance have n terms; a few roundings follow.
  const double relative = static_cast<double>(p.cols + 8) * kRounding;
  const auto expected_normal = [&](int64_t r, int64_t c) {
    const Reference& reference = references[static_cast<size_t>(r)];
    const double z = reference.normal[static_cast<size_t>(c)];
    const double shift = (reference.mean_magnitude + std::abs(p.x(r, c))) * reference.inverse_std;
    return Expected{z, relative * (shift + std::abs(z))};
  };
  expect_close(normal, expected_normal);
  expect_close(y, [&](int64_t r, int64_t c) {
    const auto [z, tolerance] = expected_normal(r, c);
    const double value = z * p.gain[c] + p.bias[c];
    return Expected{value, tolerance * std::abs(p.gain[c]) +
                               3 * kRounding * (std::abs(z * p.gain[c]) + std::abs(p.bias[c]))};
  });
  expect_close(inverse_std.data(), p.rows, [&](int64_t r) {
    const Reference& reference = references[static_cast<size_t>(r)];
    // An error of the mean enters the variance squared.
    const double shift = relative * reference.mean_magnitude * reference.inverse_std;
    return Expected{reference.inverse_std, reference.inverse_std * (relative + shift * shift)};
  });

  Guarded in_place = p.x;
  layer_norm_forward(in_place, span_of(p.gain), span_of(p.bias), kEpsilon, normal,
                     span_of(inverse_std), in_place);
  expect_equal(in_place, y);
}

TEST_P(LayerNorm, Forward) {
  for_each_shape([](int64_t rows, int64_t cols) { expect_forward(Problem(rows, cols)); });
}

TEST_P(LayerNorm, ForwardOfRowsFarFromZero) {
  for (const int64_t cols : {7, 64, 256}) expect_forward(Problem(3, cols, 300, 302));
}

TEST_P(LayerNorm, AConstantRowBecomesTheBias) {
  Problem p(2, 37);
  p.x.fill(0.75F);
  Guarded normal(2, 37);
  Guarded inverse_std = guarded_row(2);
  Guarded y(2, 37);
  layer_norm_forward(p.x, span_of(p.gain), span_of(p.bias), kEpsilon, normal, span_of(inverse_std),
                     y);
  const double residue = 45 * kRounding * 0.75 / std::sqrt(double{kEpsilon});
  expect_close(normal, [&](int64_t, int64_t) { return Expected{0, residue}; });
  expect_close(
      y, [&](int64_t, int64_t c) { return Expected{p.bias[c], residue * p.gain[c] + kRounding}; });
}

TEST_P(LayerNorm, BackwardIsTheDerivative) {
  for_each_shape([](int64_t rows, int64_t cols) {
    const Problem p(rows, cols);
    const Guarded dy = Guarded(rows, cols, 1, cols % 4).randomise(7);
    Guarded normal(rows, cols, 2);
    Guarded inverse_std = guarded_row(rows);
    for (int64_t r = 0; r < rows; ++r) {
      const Reference reference(row_of(p.x, r));
      inverse_std[r] = static_cast<float>(reference.inverse_std);
      for (int64_t c = 0; c < cols; ++c) {
        normal(r, c) = static_cast<float>(reference.normal[static_cast<size_t>(c)]);
      }
    }
    Guarded dx(rows, cols, 3, 1);
    Guarded dgain = guarded_row(cols, 1).fill(0.5F);
    Guarded dbias = guarded_row(cols, 2).fill(-0.25F);
    layer_norm_backward(dy, normal, span_of(inverse_std), span_of(p.gain), dx, span_of(dgain),
                        span_of(dbias));

    const auto n = static_cast<double>(cols);
    expect_close(dx, [&](int64_t r, int64_t c) {
      std::vector<double> x = row_of(p.x, r);
      double& moved = x[static_cast<size_t>(c)];
      const auto loss = [&] {
        const Reference reference(x);
        double sum = 0;
        for (int64_t j = 0; j < cols; ++j) {
          sum += double{dy(r, j)} * p.gain[j] * reference.normal[static_cast<size_t>(j)];
        }
        return sum;
      };
      const double slope = central_difference(loss, moved);
      double mean = 0;
      double along = 0;
      for (int64_t j = 0; j < cols; ++j) {
        mean += std::abs(dy(r, j) * p.gain[j]) / n;
        along += std::abs(dy(r, j) * p.gain[j] * normal(r, j)) / n;
      }
      const double scale =
          inverse_std[r] * (std::abs(dy(r, c) * p.gain[c]) + mean + std::abs(normal(r, c)) * along);
      return Expected{slope, scale * ((n + 8) * kRounding + kDifferenceError) + kDifferenceError};
    });
    // L = sum of dy y is linear in gain and bias.
    const auto expect_sum = [&](const Guarded& got, double start, auto term) {
      expect_close(got.data(), cols, [&](int64_t c) {
        double sum = start;
        double magnitude = std::abs(start);
        for (int64_t r = 0; r < rows; ++r) {
          sum += term(r, c);
          magnitude += std::abs(term(r, c));
        }
        return Expected{sum, static_cast<double>(rows + 1) * kRounding * magnitude};
      });
    };
    expect_sum(dgain, 0.5, [&](int64_t r, int64_t c) { return double{dy(r, c)} * normal(r, c); });
    expect_sum(dbias, -0.25, [&](int64_t r, int64_t c) { return double{dy(r, c)}; });

    Guarded in_place = dy;
    layer_norm_backward(in_place, normal, span_of(inverse_std), span_of(p.gain), in_place,
                        span_of(dgain), span_of(dbias));
    expect_equal(in_place, dx);
  });
}

// A row's result does not depend on the rows beside it, so that work can be split anywhere.
TEST_P(LayerNorm, RowsAreIndependent) {
  const Problem p(5, 43);
  Guarded normal(5, 43);
  Guarded inverse_std = guarded_row(5);
  Guarded y(5, 43);
  layer_norm_forward(p.x, span_of(p.gain), span_of(p.bias), kEpsilon, normal, span_of(inverse_std),
                     y);
  for (int64_t r = 0; r < 5; ++r) {
    Guarded one_normal(1, 43);
    Guarded one_inverse_std = guarded_row(1);
    Guarded one_y(1, 43);
    layer_norm_forward(p.x.view().row_range(r, r + 1), span_of(p.gain), span_of(p.bias), kEpsilon,
                       one_normal, span_of(one_inverse_std), one_y);
    expect_equal(one_y, y.view().row_range(r, r + 1));
    EXPECT_EQ(one_inverse_std[0], inverse_std[r]);
  }
}

}  // namespace
}  // namespace reformer
