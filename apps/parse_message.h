// A mistake on the command line as one sentence in the words of all our errors.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace reformer::apps {

// "[reformer train] expected a known flag, found \"--step\"; did you mean '--steps'?"
std::string parse_message(const CLI::App& program, const CLI::ParseError& error);

}  // namespace reformer::apps
