// What a benchmark found, for programs and for people.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "reformer/bench/bench.h"

namespace reformer {

// {"version", "commit", "cpu", "simd", "threads", "size", "repeats",
//  "peak_gflops": {"fp32", "bf16" (null where there is none)}, "memory_gbytes_per_second",
//  "train_step": [{"attention", "tokens", "batch", "precision", "seconds", "useful_gflop",
//                  "fraction_of_peak", ...}],
//  "attention": [...], "evaluate": [...], "kernels": [...], "scaling": [...], "start_up": {...},
//  "table2_evaluation": {...}}.  What was not measured is empty or null. docs/performance.md
// explains the rest.
nlohmann::ordered_json bench_json(const BenchResult& result);

// A table with a title; the first row is the head, its first column text, the others numbers.
struct BenchTable {
  std::string title;
  std::vector<std::vector<std::string>> rows;
};
std::vector<BenchTable> bench_tables(const BenchResult& result);

// "AMD EPYC, AVX3, 2 threads: peak 232.1 GFLOP/s in fp32, memory 25.3 GB/s".
std::string bench_headline(const BenchResult& result);

}  // namespace reformer
