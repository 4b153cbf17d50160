// The tables that our results stand beside.
#pragma once

#include <array>
#include <string_view>

namespace reformer {

inline constexpr std::array<std::string_view, 4> kTrainedWith = {"full", "lsh-4", "lsh-2", "lsh-1"};
inline constexpr std::array<std::string_view, 5> kEvaluatedWith = {"full", "lsh-8", "lsh-4",
                                                                   "lsh-2", "lsh-1"};

// Accuracy in per cent, [trained][evaluated] in the order above.
using AccuracyTable = std::array<std::array<double, 5>, 4>;

// Kitaev et al. 2020, "Reformer: The Efficient Transformer", Table 2.
inline constexpr AccuracyTable kPaperTable2 = {{{100, 94.8, 92.5, 76.9, 52.5},
                                                {0.8, 100, 99.9, 99.4, 91.9},
                                                {0.8, 100, 99.9, 98.1, 86.8},
                                                {0.8, 99.9, 99.6, 94.8, 77.9}}};

// The reproduction report of reformer_fastai, January 2021.
inline constexpr AccuracyTable kSeedReportTable = {{{100.00, 1.37, 1.85, 3.00, 4.56},
                                                    {46.54, 99.71, 99.77, 93.05, 77.62},
                                                    {75.94, 96.60, 97.45, 97.08, 86.06},
                                                    {70.65, 76.61, 79.68, 79.34, 56.09}}};

}  // namespace reformer
