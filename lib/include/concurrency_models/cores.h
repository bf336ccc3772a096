#pragma once

#include <string>
#include <vector>

namespace concurrency_models {

/// Cores this process may use at once: what its affinity mask and its cgroup's CPU quota (rounded
/// down, but at least one) leave of the machine. This, not what the machine has, sizes pools.
[[nodiscard]] unsigned available_cores();

/// The numbers of the processors this process may run on, ascending; empty where the system has no
/// notion of affinity.
[[nodiscard]] std::vector<unsigned> affinity();

/// The numbers of the processors that are online; empty where the system does not tell.
[[nodiscard]] std::vector<unsigned> online_processors();

/// What the processor calls itself, for instance "Intel(R) Xeon(R) Processor"; empty where the
/// system does not tell.
[[nodiscard]] std::string cpu_model();

}  // namespace concurrency_models
