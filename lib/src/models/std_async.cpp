// What the standard library gives: std::async for every job.
#include <functional>
#include <future>
#include <vector>

#include "models/models.h"
#include "models/one_per_job.h"

namespace concurrency_models::models {
namespace {

class Futures {
 public:
  void start(std::function<void(unsigned)> body) {
    futures_.push_back(std::async(std::launch::async, std::move(body), size()));
  }
  [[nodiscard]] unsigned size() const { return static_cast<unsigned>(futures_.size()); }
  void wait() {
    for (const std::future<void>& future : futures_) future.wait();
  }

 private:
  std::vector<std::future<void>> futures_;  // each waits for its thread's end when it goes
};

}  // namespace

WorkersUsed std_async(JobRun& jobs, unsigned /*workers*/) {
  Futures futures;
  start_one_per_job(futures, jobs,
                    [&jobs](std::size_t job, unsigned number) { jobs.run(job, number); });
  futures.wait();
  return {.processes = 0, .threads = futures.size(), .children = {}};
}

}  // namespace concurrency_models::models
