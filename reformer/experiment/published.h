// The tables that our results stand beside.
#pragma once

#include <array>
#include <cstdint>
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

// Seconds of an evaluation step of `kPublishedStepTokens` tokens, cut into sequences of `length`.
struct PublishedTime {
  std::string_view attention;
  int64_t length;
  double seconds;
};
inline constexpr int64_t kPublishedStepTokens = 32768;

// Kitaev et al. 2020, Figure 5, right: read off the plot, LSH attention at both ends only.
inline constexpr std::array kPaperFigure5 = {
    PublishedTime{"full", 1024, 0.17},  PublishedTime{"full", 2048, 0.30},
    PublishedTime{"full", 4096, 0.48},  PublishedTime{"full", 8192, 0.98},
    PublishedTime{"full", 16384, 1.9},  PublishedTime{"full", 32768, 3.5},
    PublishedTime{"lsh-1", 1024, 0.10}, PublishedTime{"lsh-1", 32768, 0.075},
    PublishedTime{"lsh-2", 1024, 0.15}, PublishedTime{"lsh-2", 32768, 0.13},
    PublishedTime{"lsh-4", 1024, 0.20}, PublishedTime{"lsh-4", 32768, 0.23},
    PublishedTime{"lsh-8", 1024, 0.31}, PublishedTime{"lsh-8", 32768, 0.44}};

// The notebook of reformer_fastai, on one GPU. It draws LSH attention as flat to 32,768 tokens, and
// full attention was out of memory past 8,192.
inline constexpr std::array kSeedReportTimes = {
    PublishedTime{"full", 1024, 0.073}, PublishedTime{"lsh-1", 1024, 0.068},
    PublishedTime{"lsh-2", 1024, 0.090}, PublishedTime{"lsh-4", 1024, 0.150},
    PublishedTime{"lsh-8", 1024, 0.348}};

}  // namespace reformer
