#include "concurrency_models/descriptor_limit.h"

#include <sys/resource.h>

#include <algorithm>

#include "platform/platform.h"

namespace concurrency_models {

void raise_descriptor_limit() {
  ::rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t most = platform::most_descriptors(limit.rlim_max);
  if (most <= limit.rlim_cur) return;
  limit.rlim_cur = most;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace concurrency_models
