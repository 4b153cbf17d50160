#include "apps/tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "reformer/base/error.h"
#include "reformer/base/json.h"

namespace reformer::apps {
namespace {

constexpr size_t kRow = 16;

bool is_gap(char c) { return c == ' ' || c == ','; }

// A comma stands between two tokens: one without is a token that somebody forgot.
void check_commas(std::string_view flag, std::string_view text) {
  bool open = true;  // no token since the last comma
  for (const char c : text) {
    if (c == ',' && open) {
      fail(flag, "expected a token before each comma, found {}; try 1,2,3", quote_text(text));
    }
    if (c != ' ') open = c == ',';
  }
  if (open && text.find(',') != std::string_view::npos) {
    fail(flag, "expected a token after the last comma, found {}; try 1,2,3", quote_text(text));
  }
}

}  // namespace

std::vector<int32_t> token_list(std::string_view flag, std::string_view text) {
  check_commas(flag, text);
  std::vector<int32_t> tokens;
  const char* const last = text.data() + text.size();
  for (const char* at = text.data(); at != last;) {
    if (is_gap(*at)) {
      ++at;
      continue;
    }
    int32_t token = 0;
    const auto [end, error] = std::from_chars(at, last, token);
    if (error != std::errc() || token < 0 || (end != last && !is_gap(*end))) {
      fail(flag, "expected tokens like 1,2,3, found {}",
           quote_text({at, std::find_if(at, last, is_gap)}));
    }
    tokens.push_back(token);
    at = end;
  }
  return tokens;
}

std::string token_rows(std::span<const int32_t> tokens, int64_t first_position,
                       const std::vector<bool>& marked) {
  size_t width = 3;
  for (const int32_t token : tokens) width = std::max(width, std::to_string(token).size());
  std::string text;
  for (size_t begin = 0; begin < tokens.size(); begin += kRow) {
    std::string line = fmt::format("{:>6}  ", first_position + static_cast<int64_t>(begin));
    std::string marks(line.size(), ' ');
    for (size_t i = begin; i < std::min(begin + kRow, tokens.size()); ++i) {
      line += fmt::format(" {:>{}}", tokens[i], width);
      marks += fmt::format(" {:>{}}", i < marked.size() && marked[i] ? "^" : "", width);
    }
    marks.erase(marks.find_last_not_of(' ') + 1);
    text += line + "\n" + (marks.empty() ? "" : marks + "\n");
  }
  return text;
}

std::vector<ExampleBuffer> validation_examples(const RunConfig& config, int64_t first,
                                               int64_t count) {
  validate(config);
  const DuplicationTask task = task_of(config);
  if (first > task.validation_rows() - count) {
    fail("--sequence", "expected {} of the validation sequences 0 to {}, found {} for the first",
         count, task.validation_rows() - 1, first);
  }
  std::vector<ExampleBuffer> examples(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    task.validation_example(first + i, examples[static_cast<size_t>(i)]);
  }
  return examples;
}

const std::vector<int32_t>& tokens_of(const ExampleBuffer& example, bool input_shift) {
  return input_shift ? example.targets : example.inputs;
}

}  // namespace reformer::apps
