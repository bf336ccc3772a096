#pragma once

#include <sys/resource.h>

namespace concurrency_models {

/// Neither this process nor what it starts from now on leaves a core file, as SIGQUIT asks for
/// one. False if the system refuses.
[[nodiscard]] inline bool switch_core_files_off() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_CORE, &limit) != 0) return false;
  limit.rlim_cur = 0;
  return ::setrlimit(RLIMIT_CORE, &limit) == 0;
}

}  // namespace concurrency_models
