// This process and the machine it runs on, for people and for locks; no result depends on it.
#pragma once

#include <cstdint>
#include <string>

namespace reformer {

// Names one process among all that ever ran: numbers of processes are used again.
struct ProcessIdentity {
  int64_t pid = 0;
  std::string host;
  std::string boot_id;      // of the running kernel; empty where the system has none
  int64_t start_ticks = 0;  // since boot; 0 where unknown

  bool operator==(const ProcessIdentity&) const = default;
};

ProcessIdentity this_process();

// Whether that process may still run: false only where this is known, because the machine is this
// one and was started anew, or no such process is there.
bool may_be_alive(const ProcessIdentity& process);

std::string host_name();

// Model of the processor: "AMD EPYC 7B13"; empty where the system does not tell.
std::string cpu_name();

}  // namespace reformer
