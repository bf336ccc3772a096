#pragma once

#include <sys/types.h>

#include <fstream>
#include <string>
#include <vector>

namespace concurrency_models {

/// Children of a process that has one thread, as Linux tells them; none if it is gone.
[[nodiscard]] inline std::vector<pid_t> children_of(pid_t process) {
  const std::string id = std::to_string(process);
  std::ifstream in("/proc/" + id + "/task/" + id + "/children");
  std::vector<pid_t> children;
  for (pid_t child = 0; in >> child;) children.push_back(child);
  return children;
}

}  // namespace concurrency_models
