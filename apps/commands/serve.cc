// reformer serve: the report as a page that follows runs while they go on.
#include <fmt/format.h>

#include "apps/commands/commands.h"
#include "apps/interrupt.h"
#include "apps/output.h"
#include "apps/secrets.h"
#include "apps/text_list.h"
#include "reformer/serve/server.h"

namespace reformer::apps {
namespace {

constexpr const char* kServeExamples = R"(Examples:
  reformer serve runs                          prints an address to open
  reformer serve runs out results --port 0     at a port that is free

DIR is as in `reformer report`; runs and results may still come. Only this machine can connect,
unless --address says otherwise, and only who has the printed address, which lets in one browser.
Nothing is ever written to runs.
Ctrl-C ends it; started again, it goes on in pages that are open.)";

class ServeCommand {
 public:
  explicit ServeCommand(CLI::App& command) {
    command.add_option("dirs", dirs_, "directories of runs and results, or files of results")
        ->type_name("DIR...")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->required();
    command.add_option("--port", port_, "port to listen on, 0 for a free one [8391]")
        ->type_name("PORT")
        ->check(CLI::Range(0, 65535));
    command
        .add_option("--address", address_,
                    "address to listen on [127.0.0.1]; any other one opens it to a network, "
                    "without encryption")
        ->type_name("ADDRESS");
    repeatable(command.add_option("--allow-host", hosts_,
                                  "a further name under which pages may ask for it"))
        ->type_name("NAME");
  }

  int run() {
    const KeptSecret kept = kept_secret();
    ServeOptions options;
    options.paths = {dirs_.begin(), dirs_.end()};
    options.address = address_;
    options.port = static_cast<uint16_t>(port_);
    options.hosts = hosts_;
    options.secret = kept.secret;
    options.epoch = new_secret();
    options.new_token = new_secret;
    options.on_used = [](const std::string& url) {
      print(fmt::format("The address was used. For another browser: {}\n", url));
    };
    Server server(std::move(options));
    const InterruptGuard interrupt;
    print(fmt::format("Open {}\nCtrl-C ends.\n", server.url()));
    if (!kept.kept) {
      print("No place to keep a key: after a restart pages have to be opened anew.\n");
    }
    server.run([&] { return interrupt.signal() != 0; });
    print(fmt::format("{}\n", interrupt.reason()));
    return 0;
  }

 private:
  std::vector<std::string> dirs_, hosts_;
  std::string address_ = "127.0.0.1";
  int port_ = 8391;
};

}  // namespace

void add_serve(CLI::App& program, Action& chosen) {
  CLI::App* command =
      program.add_subcommand("serve", "the report as a live page, while runs go on");
  command->footer(kServeExamples);
  bind_command<ServeCommand>(*command, chosen);
}

}  // namespace reformer::apps
