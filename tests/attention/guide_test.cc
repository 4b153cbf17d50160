// docs/lsh-attention.md teaches with a worked example and a table of meanings. Both are computed
// here; the page has to contain what comes out, line by line.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/attention/head_case.h"

namespace reformer::test {
namespace {

const std::filesystem::path kDocs = std::filesystem::path(REFORMER_SOURCE_DIR) / "docs";

std::string guide() {
  std::ifstream file(kDocs / "lsh-attention.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void expect_in_guide(const std::string& table) {
  EXPECT_NE(guide().find(table), std::string::npos) << "docs/lsh-attention.md should contain\n\n"
                                                    << table;
}

// Three decimals at most, and no sign on zero.
std::string number(double x) {
  std::string text = fmt::format("{:.3f}", x);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

template <class Row>
std::string point(const Row& row) {
  return fmt::format("({}, {})", number(row[0]), number(row[1]));
}

// Six tokens in the plane, two rounds, four buckets, chunks of two.
struct Example {
  HeadCase c;
  HashPlan plan;
  AttentionSemantics semantics = semantics_preset("consistent");

  Example() {
    c.qk = {{4, 3}, {-3, 4}, {3, 4}, {5, 0}, {0, 5}, {4, -3}};
    c.v = {{0, 1}, {1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}};
    c.dout = {{0, 0}, {0, 0}, {0, 0}, {0, 0}, {1, 0}, {0, 0}};
    c.queries = {0, 6};
    // Round 0 projects on (1, 0) and (0, 1), round 1 on (2, 1) and (-1, 2): columns of [D, R N/2].
    const float rotations[2][4] = {{1, 0, 2, -1}, {0, 1, 1, 2}};
    Matrix vectors(6, 2), columns(2, 4);
    PlanScratch scratch;
    for (int64_t t = 0; t < 6; ++t) {
      std::copy_n(c.qk[static_cast<size_t>(t)].begin(), 2, vectors.row(t));
    }
    for (int64_t d = 0; d < 2; ++d) std::copy_n(rotations[d], 4, columns.row(d));
    make_plan(vectors, columns, 2, 4, 2, plan, scratch);
  }

  reference::Head<double> head() const { return c.reference_head(); }
  std::vector<reference::Candidates> seen() const {
    return reference::lsh_seen(semantics, plan, head());
  }
};

TEST(Guide, ProductionGivesTheExample) {
  const Example e;
  compare("example", run_lsh(e.semantics, e.plan, e.c), expect_lsh(e.semantics, e.plan, e.c));
}

TEST(Guide, Tokens) {
  const Example e;
  std::string table =
      "| t | qk | key | v | bucket, round 0 | bucket, round 1 |\n|---|---|---|---|---|---|\n";
  for (int64_t t = 0; t < 6; ++t) {
    const auto qk = e.head().qk[static_cast<size_t>(t)];
    table += fmt::format("| {} | {} | {} | {} | {} | {} |\n", t, point(qk),
                         point(reference::key_of(KeyNorm::unit, qk)),
                         point(e.c.v[static_cast<size_t>(t)]), e.plan.bucket_of(0)[t],
                         e.plan.bucket_of(1)[t]);
  }
  expect_in_guide(table);
}

TEST(Guide, Chunks) {
  const Example e;
  std::string table = "| | chunk 0 | chunk 1 | chunk 2 |\n|---|---|---|---|\n";
  for (int64_t r = 0; r < 2; ++r) {
    table += fmt::format("| round {} |", r);
    for (int64_t place = 0; place < 6; place += 2) {
      table += fmt::format(" {} {} |", e.plan.order_of(r)[place], e.plan.order_of(r)[place + 1]);
    }
    table += "\n";
  }
  expect_in_guide(table);
  EXPECT_EQ(count_lost_pairs(e.plan, true), 0);
  const HashPlan single = plan_from_buckets(e.plan.bucket, 6, 2, 4, 1);
  expect_in_guide(fmt::format("{} pairs are lost", count_lost_pairs(single, true)));
}

TEST(Guide, Weights) {
  const Example e;
  const auto seen = e.seen();
  std::string table =
      "| query | round | key | q . key | N | logit | weight |\n|---|---|---|---|---|---|---|\n";
  for (int64_t query = 0; query < 6; ++query) {
    const auto& candidates = seen[static_cast<size_t>(query)];
    const auto a = reference::attend(e.semantics.lsh, e.head(), query, candidates);
    for (size_t r = 0; r < candidates.size(); ++r) {
      for (size_t i = 0; i < candidates[r].size(); ++i) {
        const auto& c = candidates[r][i];
        const auto key = reference::key_of(KeyNorm::unit, e.head().qk[static_cast<size_t>(c.key)]);
        const int64_t n = reference::count_meetings(e.plan, e.semantics.other_bucket, query, c.key);
        table += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", query, r,
                             c.own ? "itself" : fmt::format("{}", c.key),
                             number(reference::dot(e.head().qk[static_cast<size_t>(query)], key)),
                             n, number(reference::logit(e.semantics.lsh, e.head(), query, c)),
                             number(a.round_weight[r] * a.p[r][i]));
      }
    }
  }
  expect_in_guide(table);
}

TEST(Guide, Outputs) {
  const Example e;
  const auto lsh = reference::forward(e.semantics.lsh, e.head(), e.seen());
  const auto full = reference::forward(e.semantics.full, e.head(), reference::full_seen(e.head()));
  std::string table = "| query | out | out of full attention |\n|---|---|---|\n";
  for (size_t t = 0; t < 6; ++t) {
    table += fmt::format("| {} | {} | {} |\n", t, point(lsh.out[t]), point(full.out[t]));
  }
  expect_in_guide(table);
}

TEST(Guide, Gradients) {
  const Example e;
  const auto gradient =
      reference::backward(e.semantics.lsh, e.head(), e.seen(), to_double(e.c.dout));
  std::string table = "| t | dqk | dv |\n|---|---|---|\n";
  for (size_t t = 0; t < 6; ++t) {
    table += fmt::format("| {} | {} | {} |\n", t, point(gradient.dqk[t]), point(gradient.dv[t]));
  }
  expect_in_guide(table);
}

std::string logit_of(const LogitRule& rule) {
  return std::string(rule.key_norm == KeyNorm::unit ? "q . ^k" : "q . k") +
         (rule.scale == LogitScale::one ? "" : " / sqrt(D)");
}

std::string own_of(const LogitRule& rule) {
  if (rule.own == OwnRule::allowed) return "allowed";
  return rule.own == OwnRule::replace ? "becomes " + number(rule.own_value)
                                      : "minus " + number(rule.own_value);
}

std::string other_bucket_of(const AttentionSemantics& s) {
  if (s.other_bucket == OtherBucketRule::allowed) return "allowed";
  return s.other_bucket == OtherBucketRule::forbidden ? "forbidden"
                                                      : "minus " + number(s.other_bucket_value);
}

TEST(Guide, Meanings) {
  const auto yes = [](bool b) { return b ? "yes" : "no"; };
  const std::pair<const char*, std::function<std::string(const AttentionSemantics&)>> rows[] = {
      {"logit, full", [](const auto& s) { return logit_of(s.full); }},
      {"logit, LSH", [](const auto& s) { return logit_of(s.lsh); }},
      {"own logit, full", [](const auto& s) { return own_of(s.full); }},
      {"own logit, LSH", [](const auto& s) { return own_of(s.lsh); }},
      {"other bucket", other_bucket_of},
      {"duplicates",
       [](const auto& s) {
         return std::string(s.correct_duplicates ? "minus log N" : "not corrected");
       }},
      {"rotations differ per step / head / sequence",
       [&](const auto& s) {
         return fmt::format("{} / {} / {}", yes(s.rotations_per_step), yes(s.rotations_per_head),
                            yes(s.rotations_per_example));
       }},
      {"buckets per chunk", [](const auto& s) { return number(s.buckets_per_chunk); }},
      {"S at T = 1024", [](const auto& s) { return std::to_string(s.chunk_length); }}};
  std::string header = "| |", line = "|---|", body;
  for (const std::string& name : semantics_names()) {
    header += " `" + name + "` |";
    line += "---|";
  }
  for (const auto& [what, cell] : rows) {
    body += fmt::format("| {} |", what);
    for (const std::string& name : semantics_names()) {
      body += " " + cell(semantics_preset(name)) + " |";
    }
    body += "\n";
  }
  expect_in_guide(header + "\n" + line + "\n" + body);
}

TEST(Guide, LinksLeadSomewhere) {
  const std::string text = guide();
  int count = 0;
  for (size_t at = text.find("]("); at != std::string::npos; at = text.find("](", at + 1)) {
    const std::string target = text.substr(at + 2, text.find(')', at) - at - 2);
    EXPECT_TRUE(std::filesystem::exists(kDocs / target)) << target;
    ++count;
  }
  EXPECT_GT(count, 0);
}

}  // namespace
}  // namespace reformer::test
