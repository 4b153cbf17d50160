// Loads a trained model and lets it continue a prompt, first greedily, then by chance.
//   generate RUN
#include <reformer/base/error.h>
#include <reformer/model/generate.h>
#include <reformer/run/model_file.h>
#include <reformer/run/run_files.h>

#include <cstdio>
#include <vector>

int main(int argc, char** argv) try {
  const auto path = reformer::find_model(argc > 1 ? argv[1] : "run");
  const reformer::ModelFile file = reformer::load_model(path);
  reformer::Weights weights(file.config);
  weights.prepare(file.parameters);

  // Its own attention; choose_attention(attention, "full") would take another.
  const auto attention = reformer::attention_of(file.config, /*rotation_seed=*/7);
  const std::vector<std::vector<int32_t>> prompts = {{0, 12, 7, 99}, {0, 5}};
  reformer::ThreadPool pool(reformer::hardware_threads());
  for (const double temperature : {0.0, 1.0}) {
    const auto continuations =
        reformer::generate(weights, attention, prompts, /*tokens=*/8,
                           {.temperature = temperature, .top_k = 20, .seed = 1}, pool);
    std::printf("temperature %.0f\n", temperature);
    for (size_t i = 0; i < prompts.size(); ++i) {
      for (const int32_t token : prompts[i]) std::printf("%d ", token);
      std::printf("->");
      for (const int32_t token : continuations[i]) std::printf(" %d", token);
      std::printf("\n");
    }
  }
} catch (const reformer::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}
