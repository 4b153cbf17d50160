#include "reformer/model/positions.h"

#include <cmath>

#include "reformer/model/team_kernels.h"

namespace reformer {
namespace {

double angle(int64_t t, size_t pair, size_t width) {
  return static_cast<double>(t) /
         std::pow(10000.0, static_cast<double>(2 * pair) / static_cast<double>(width));
}

}  // namespace

void sinusoidal_position(int64_t t, Sinusoids order, std::span<float> out) {
  const size_t sines = (out.size() + 1) / 2;
  const bool alternating = order == Sinusoids::alternating;
  for (size_t i = 0; i < out.size(); ++i) {
    const bool is_sine = alternating ? i % 2 == 0 : i < sines;
    const size_t pair = alternating ? i / 2 : i % sines;
    const double a = angle(t, pair, out.size());
    out[i] = static_cast<float>(is_sine ? std::sin(a) : std::cos(a));
  }
}

void fill_angles(MatrixView angles) {
  const auto width = static_cast<size_t>(angles.cols);
  for (int64_t t = 0; t < angles.rows; ++t) {
    for (size_t pair = 0; pair < width / 2; ++pair) {
      angles.row(t)[2 * pair] = static_cast<float>(std::cos(angle(t, pair, width)));
      angles.row(t)[2 * pair + 1] = static_cast<float>(std::sin(angle(t, pair, width)));
    }
  }
}

void turn_by_position(const Team& team, ConstMatrixView angles, ConstMatrixView from, Turn turn,
                      MatrixView to) {
  const float sign = turn == Turn::forth ? 1 : -1;
  split_rows(team, to.rows, [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) {
      for (int64_t head = 0; head < to.cols; head += angles.cols) {
        const float* const x = from.row(t) + head;
        float* const y = to.row(t) + head;
        for (int64_t i = 0; i < angles.cols; i += 2) {
          const float cosine = angles.row(t)[i], sine = sign * angles.row(t)[i + 1];
          const float first = x[i], second = x[i + 1];
          y[i] = cosine * first - sine * second;
          y[i + 1] = cosine * second + sine * first;
        }
      }
    }
  });
}

}  // namespace reformer
