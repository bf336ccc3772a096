#include "concurrency_models/peak_memory.h"

#include "platform/platform.h"

namespace concurrency_models {

bool reset_peak_memory() {
  // Freed pages that the allocator keeps would count as this case's own: after 2,000 threads they
  // are 16 MB instead of 5.
  platform::release_free_memory();
  return platform::reset_peak_rss();
}

std::optional<std::int64_t> peak_memory_kb() { return platform::peak_rss_kb(); }

}  // namespace concurrency_models
