// One job after another, blocking calls.
#include "models/models.h"

namespace concurrency_models::models {

WorkersUsed sequential(JobRun& jobs, unsigned /*workers*/) {
  for (std::size_t job = 0; job < jobs.size(); ++job) jobs.run(job);
  return {};
}

}  // namespace concurrency_models::models
