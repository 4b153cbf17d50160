// A run's database with any bytes changed: refused with an Error, or read and written to. The input
// is a list of changes, 3 bytes each - place and value -, for nearly all files that are not nearly
// a database are refused by their first page.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "reformer/base/error.h"
#include "reformer/base/files.h"
#include "reformer/run/run_writer.h"
#include "tests/support/read_run.h"

namespace {

using namespace reformer;
namespace fs = std::filesystem;

const fs::path& database() {
  static const fs::path path = fs::path(fs::is_directory("/dev/shm") ? "/dev/shm" : ".") /
                               ("reformer-fuzz-" + std::to_string(::getpid()) + ".db");
  return path;
}

void remove_database() {
  fs::remove(database());
  fs::remove(database().string() + "-journal");
}

// One row in every table, and enough of them in one to need inner pages.
std::string sound_database() {
  RunWriter writer = RunWriter::create(database(), {.name = "lsh-4", .steps = 300, .reason = ""});
  Session session;
  session.pid = 1;
  writer.begin_session(session);
  for (int64_t step = 1; step <= 200; ++step) writer.add(StepMetrics{.step = step, .loss = 4});
  writer.add(EvaluationRecord{.step = 200, .attention = "lsh-4", .semantics = "consistent"});
  writer.add(Event{.step = 200, .kind = "finished", .message = "training ended", .data = ""});
  REFORMER_CHECK(writer.commit(1, 0));
  return read_file(database());
}

void write_more() {
  RunWriter writer(database());
  writer.forget_after(100);
  writer.add(StepMetrics{.step = 101});
  REFORMER_CHECK(writer.commit(2, 0));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::string sound = sound_database();
  std::string bytes = sound;
  for (; size >= 3; data += 3, size -= 3) {
    bytes[(data[0] | static_cast<size_t>(data[1]) << 8) % bytes.size()] =
        static_cast<char>(data[2]);
  }
  write_file_atomically(database(), bytes);
  try {
    reformer::test::read_run(database());
  } catch (const Error&) {
  }
  try {
    write_more();
  } catch (const Error&) {
  }
  remove_database();
  return 0;
}
