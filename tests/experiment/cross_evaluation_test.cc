#include "reformer/experiment/cross_evaluation.h"

#include <gtest/gtest.h>

#include "reformer/base/error.h"
#include "reformer/model/parameters.h"

namespace reformer {
namespace {

TEST(ChangedPreset, FlipsTheNamedSwitchesOnly) {
  const std::vector<std::string> changes = {"full_own=allowed", "lsh_logit_scale=inverse-sqrt-dim"};
  const NamedSemantics changed = changed_preset("consistent", changes);
  EXPECT_EQ(changed.name, "consistent, full_own=allowed, lsh_logit_scale=inverse-sqrt-dim");
  AttentionSemantics expected = semantics_preset("consistent");
  expected.full.own = OwnRule::allowed;
  expected.lsh.scale = LogitScale::inverse_sqrt_dim;
  EXPECT_EQ(changed.semantics, expected);
}

TEST(ChangedPreset, MistakesSayWhatIsExpected) {
  const auto message = [](const std::string& change) -> std::string {
    try {
      changed_preset("consistent", std::span(&change, 1));
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(message("full_owner=allowed").find("did you mean 'full_own'"), std::string::npos)
      << message("full_owner=allowed");
  EXPECT_NE(message("full_own").find("expected switch=value"), std::string::npos);
  EXPECT_NE(message("full_own=perhaps").find("perhaps"), std::string::npos);
  EXPECT_NE(message("=").find("known are"), std::string::npos);
}

TEST(CrossEvaluation, DependsOnAttentionSemanticsAndRotations) {
  RunConfig config = run_preset("smoke");
  config.task.validation_rows = 8;
  const std::vector<float> parameters = initial_parameters(config.model, 5);
  ThreadPool pool(1);
  CrossEvaluation evaluation(config, parameters, pool);
  const Cell full = evaluation.evaluate("full", named_preset("consistent"), 3);
  const Cell lsh = evaluation.evaluate("lsh-2", named_preset("consistent"), 3);
  EXPECT_EQ(full.trained, "full");
  EXPECT_EQ(lsh.evaluated, "lsh-2");
  EXPECT_NE(full.loss.loss, lsh.loss.loss);
  EXPECT_NE(full.loss.loss, evaluation.evaluate("full", named_preset("paper"), 3).loss.loss);
  EXPECT_NE(lsh.loss.loss, evaluation.evaluate("lsh-2", named_preset("consistent"), 4).loss.loss);
  EXPECT_EQ(lsh.loss.loss, evaluation.evaluate("lsh-2", named_preset("consistent"), 3).loss.loss);
  EXPECT_EQ(full.loss.loss, evaluation.evaluate("full", named_preset("consistent"), 4).loss.loss)
      << "full attention hashes nothing";
}

}  // namespace
}  // namespace reformer
