#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/apps/mistake.h"
#include "tests/apps/one_model.h"

namespace reformer::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Gradients : public OneModel<Gradients> {
 public:
  static constexpr const char* kCommand = "gradients";
};

TEST_F(Gradients, ShowsEveryParameter) {
  const Outcome outcome = on_model({"--sequences", "4"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("4 validation sequences under lsh-2"),
                                 HasSubstr("agreement"), HasSubstr("embedding.token.weight"),
                                 HasSubstr("layers.0.attention.qk.weight")));
  const nlohmann::json result = json({"--sequences", "4"});
  EXPECT_EQ(result["sequences"], 4);
  EXPECT_EQ(result["steps"], 4);
  for (const auto& parameter : result["parameters"]) {
    EXPECT_GE(parameter["sequence_gradient_norm"], 0) << parameter;
    if (parameter["agreement"].is_null()) continue;
    EXPECT_LE(parameter["agreement"], 1 + 1e-9) << parameter;
    EXPECT_GE(parameter["agreement"], -1.0 / 3 - 1e-9) << parameter;
  }
}

TEST_F(Gradients, AreThoseOfTheAttentionThatIsAskedFor) {
  const nlohmann::json own = json({"--sequences", "4"});
  const nlohmann::json full = json({"--sequences", "4", "--attention", "full"});
  EXPECT_EQ(full["attention"], "full");
  EXPECT_TRUE(full["hash_recall"].is_null());
  EXPECT_NE(own["parameters"], full["parameters"]);
  EXPECT_NE(own["parameters"], json({"--sequences", "5"})["parameters"]);
}

TEST_F(Gradients, RefuseWrongOptions) {
  expect_mistake(on_model({"--sequences", "1"}), {"[--sequences]", "2", "1"});
  expect_mistake(on_model({"--attention", "lsh-65"}), {"[attention]", "lsh-65"});
  expect_mistake(run_program({"gradients", path("none")}), {"none"});
}

}  // namespace
}  // namespace reformer::test
