#include "concurrency_models/cores.h"

#include <algorithm>
#include <thread>

#include "concurrency_models/cgroup.h"
#include "platform/platform.h"

namespace concurrency_models {

std::vector<unsigned> affinity() { return platform::affinity(0); }

std::vector<unsigned> online_processors() { return platform::online_processors(); }

std::string cpu_model() { return platform::cpu_model(); }

unsigned available_cores() {
  auto cores = static_cast<unsigned>(affinity().size());
  if (cores == 0) cores = std::max(1U, std::thread::hardware_concurrency());
  if (const auto quota = cgroup_cpu_quota()) {
    cores = std::min(cores, std::max(1U, static_cast<unsigned>(std::min(*quota, 1e6))));
  }
  return cores;
}

}  // namespace concurrency_models
