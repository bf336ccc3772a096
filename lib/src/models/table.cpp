#include <algorithm>
#include <vector>

#include "models/models.h"

namespace concurrency_models {
namespace {

constexpr std::size_t models_of_the_study = 9;

std::vector<ExecutionModel> make_table() {
  using enum WorkerPolicy;
  using enum EventLoop;
  using enum ModelShape;
#define CONCURRENCY_MODELS_ROW(name, policy, event_loop, forks, default_workers, shape) \
  {#name, policy, event_loop, forks, default_workers, models::name, shape},
  return {
#include "models/table.inc"
  };
#undef CONCURRENCY_MODELS_ROW
}

}  // namespace

unsigned thread_pool_workers(unsigned cores) { return std::min(32U, cores + 4); }
unsigned one_per_core(unsigned cores) { return cores; }

std::span<const ExecutionModel> all_models() {
  static const std::vector<ExecutionModel> table = make_table();
  return table;
}

std::span<const ExecutionModel> standard_models() {
  return all_models().first(models_of_the_study);
}

}  // namespace concurrency_models
