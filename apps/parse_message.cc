#include "apps/parse_message.h"

#include <fmt/ranges.h>

#include "reformer/base/error.h"
#include "reformer/base/json.h"

namespace reformer::apps {
namespace {

const CLI::App& innermost(const CLI::App& program) {
  const CLI::App* app = &program;
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  return *app;
}

std::string full_name(const CLI::App& app) {
  if (app.get_parent() == nullptr) return app.get_name();
  return full_name(*app.get_parent()) + " " + app.get_name();
}

std::vector<std::string> subcommands(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands({})) names.push_back(sub->get_name());
  return names;
}

// The flags of a command, without dashes: these would make any two flags look alike.
std::vector<std::string> flags(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    names.insert(names.end(), option->get_lnames().begin(), option->get_lnames().end());
  }
  return names;
}

std::string see_help(const std::string& command) {
  return fmt::format("; try `{} --help`", command);
}

std::string unexpected(const CLI::App& app, std::string word) {
  const std::string command = full_name(app);
  if (word.starts_with('-')) {
    word = word.substr(0, word.find('='));
    const std::string bare = word.substr(std::min(word.find_first_not_of('-'), word.size()));
    const std::string near = nearest_name(bare.substr(0, 64), flags(app));
    return fmt::format(
        "[{}] expected a known flag, found {}{}", command, quote_text(word),
        near.empty() ? see_help(command) : fmt::format("; did you mean '--{}'?", near));
  }
  const std::vector<std::string> names = subcommands(app);
  if (names.empty()) {
    return fmt::format("[{}] expected flags, found {}{}", command, quote_text(word),
                       see_help(command));
  }
  const std::string near = did_you_mean(word.substr(0, 64), names);
  return fmt::format("[{}] expected one of {}, found {}{}", command, fmt::join(names, ", "),
                     quote_text(word), near.empty() ? see_help(command) : near);
}

}  // namespace

std::string parse_message(const CLI::App& program, const CLI::ParseError& error) {
  const CLI::App& app = innermost(program);
  const std::string command = full_name(app);
  const std::vector<std::string> words = program.remaining(true);
  if (!words.empty()) return unexpected(app, words.front());
  const std::string name = error.get_name();
  const std::string what = error.what();
  if (name == "RequiredError" && !subcommands(app).empty()) {
    return fmt::format("[{}] expected one of {}, found nothing{}", command,
                       fmt::join(subcommands(app), ", "), see_help(command));
  }
  if (name == "RequiredError") {
    return fmt::format("[{}] expected {}, found nothing{}", command,
                       what.substr(0, what.find(" is required")), see_help(command));
  }
  if (name == "ArgumentMismatch") {
    return fmt::format("[{}] expected a value after {}, found none{}", command,
                       what.substr(0, what.find(':')), see_help(command));
  }
  return fmt::format("[{}] expected a valid command line, found: {}{}", command, what,
                     see_help(command));
}

}  // namespace reformer::apps
