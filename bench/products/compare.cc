// bench_products [OUT.json]: our product beside those of libxsmm and oneDNN, on blocks as the model
// has them. Every product is compared with plain arithmetic first.
//
// Costs are measured as the guard does (reformer/bench/guard.h): in turn, by processor time of one
// thread, the least of many rounds. oneDNN must be kept to one thread: OMP_NUM_THREADS=1.
#include <dnnl.h>
#include <fmt/format.h>
#include <libxsmm.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/base/host.h"
#include "reformer/base/text_table.h"
#include "reformer/base/version.h"
#include "reformer/bench/guard.h"
#include "reformer/bench/kernels.h"
#include "reformer/math/gemm.h"
#include "reformer/math/target.h"

namespace reformer {
namespace {

constexpr int64_t kRounds = 64;

struct Shape {
  int64_t m, k, n;
  std::string text() const { return fmt::format("{} x {} x {}", m, k, n); }
};
// A projection of a block of rows; logits and outputs of a block of attention.
constexpr Shape kShapes[] = {{64, 256, 256}, {64, 64, 128}, {64, 128, 64}};

void by_own(ConstMatrixView a, ConstMatrixView b, MatrixView c) { gemm(a, b, c, Store::overwrite); }

void by_onednn(ConstMatrixView a, ConstMatrixView b, MatrixView c) {
  const dnnl_status_t status = dnnl_sgemm('N', 'N', c.rows, c.cols, a.cols, 1, a.data, a.stride,
                                          b.data, b.stride, 0, c.data, c.stride);
  if (status != dnnl_success) fail("oneDNN", "expected a product, found status {}", int(status));
}

// Its kernels are for matrices by columns: C^T = B^T A^T. They are made once for a shape.
Multiply by_libxsmm(const Shape& shape) {
  const auto stride = [](int64_t cols) {
    return static_cast<libxsmm_blasint>(padded_stride(cols));
  };
  const libxsmm_blasint lda = stride(shape.n), ldb = stride(shape.k), ldc = stride(shape.n);
  const float alpha = 1, beta = 0;
  const int flags = LIBXSMM_GEMM_FLAG_NONE, prefetch = LIBXSMM_GEMM_PREFETCH_NONE;
  const libxsmm_smmfunction kernel = libxsmm_smmdispatch(
      static_cast<libxsmm_blasint>(shape.n), static_cast<libxsmm_blasint>(shape.m),
      static_cast<libxsmm_blasint>(shape.k), &lda, &ldb, &ldc, &alpha, &beta, &flags, &prefetch);
  if (kernel == nullptr) fail("libxsmm", "expected a kernel for {}, found none", shape.text());
  return [kernel](ConstMatrixView a, ConstMatrixView b, MatrixView c) {
    kernel(b.data, a.data, c.data);
  };
}

std::vector<Subject> subjects() {
  std::vector<Subject> all;
  for (const Shape& shape : kShapes) {
    const std::pair<const char*, Multiply> ways[] = {
        {"ours", by_own}, {"libxsmm", by_libxsmm(shape)}, {"oneDNN", by_onednn}};
    for (const auto& [name, multiply] : ways) {
      all.push_back(subject_of(product_kernel(name, shape.m, shape.k, shape.n, multiply), 0));
    }
  }
  return all;
}

int run(int argc, char** argv) {
  if (argc > 2) fail("bench_products", "expected [OUT.json], found {} arguments", argc - 1);
  CostMeter meter(subjects());
  meter.measure(kRounds);
  const std::vector<Cost> costs = meter.costs();
  std::vector<std::vector<std::string>> rows = {{"of peak", "ours", "libxsmm", "oneDNN"}};
  nlohmann::ordered_json products = nlohmann::ordered_json::array();
  const size_t ways = costs.size() / std::size(kShapes);
  for (size_t i = 0; i < costs.size(); ++i) {
    const std::string shape = kShapes[i / ways].text();
    if (i % ways == 0) rows.push_back({shape});
    rows.back().push_back(fmt::format("{:.1f} %", 100 * costs[i].fraction_of_peak()));
    products.push_back({{"shape", shape},
                        {"by", costs[i].name},
                        {"fraction_of_peak", costs[i].fraction_of_peak()}});
  }
  std::printf("%s", text_table(rows, {false, true, true, true}).c_str());
  const nlohmann::ordered_json out = {{"version", version()}, {"commit", commit()},
                                      {"cpu", cpu_name()},    {"simd", active_target()},
                                      {"threads", 1},         {"rounds", kRounds},
                                      {"products", products}};
  if (argc == 2) write_file_atomically(argv[1], out.dump(2) + "\n");
  return 0;
}

}  // namespace
}  // namespace reformer

int main(int argc, char** argv) {
  try {
    return reformer::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_products: %s\n", error.what());
    return 2;
  }
}
