// LSH attention on data of your own: sequences [B, T, H, D], and the gradient of the result.
#include <reformer/attention/batch.h>
#include <reformer/base/error.h>

#include <cmath>
#include <cstdio>
#include <vector>

int main() try {
  constexpr int64_t kBatch = 2, kLength = 256, kHeads = 4, kHeadDim = 16;
  constexpr size_t kSize = kBatch * kLength * kHeads * kHeadDim;
  const auto view = [](auto& values) {
    return reformer::dense_batch(values.data(), kBatch, kLength, kHeads, kHeadDim);
  };

  // Shared queries and keys, and values.
  std::vector<float> qk(kSize), v(kSize), out(kSize);
  for (size_t i = 0; i < kSize; ++i) {
    qk[i] = std::sin(0.37F * static_cast<float>(i));
    v[i] = std::cos(0.11F * static_cast<float>(i));
  }
  reformer::BatchInput input;
  input.qk = view(qk);
  input.v = view(v);

  // Which positions share a bucket: decided once, for forward and backward.
  reformer::ThreadPool pool(reformer::hardware_threads());
  const reformer::AttentionSemantics meaning = reformer::semantics_preset("consistent");
  const reformer::HashSettings hashing{.rounds = 4, .buckets = 16, .chunk_length = 32};
  const auto plans = reformer::hash_batch(input.qk, meaning, hashing, /*seed=*/1, pool);
  const auto totals = reformer::lsh_batch_forward(meaning, plans, input, view(out), pool);
  std::printf("position 5 of head 0 is in bucket %d of round 0\n", plans[0].bucket_of(0)[5]);
  std::printf("its output begins with %.4f %.4f %.4f\n", view(out).head(0, 0).row(5)[0],
              view(out).head(0, 0).row(5)[1], view(out).head(0, 0).row(5)[2]);

  // The gradient of the sum of all outputs.
  std::vector<float> dout(kSize, 1), dqk(kSize), dv(kSize);
  reformer::lsh_batch_backward(meaning, plans, input, {view(out), totals, view(dout)}, view(dqk),
                               view(dv), pool);
  double sum = 0;
  for (const float gradient : dv) sum += gradient;
  std::printf("the gradients of the values sum to %.2f, one for each of %zu outputs\n", sum, kSize);
} catch (const reformer::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}
