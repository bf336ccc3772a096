#include "case_family.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "selection.h"

namespace concurrency_models::bench {
namespace {

/// Jobs that do nothing; of the workloads, only with numbers of jobs.
constexpr std::string_view empty_workload = "empty";

struct StudyCase {
  std::string_view workload;
  std::string_view model;
};

/// The study's cases in the order of their numbers, beginning with 1.
constexpr std::array<StudyCase, 18> study_cases = {{
    {"io", "sequential"},
    {"io", "threads"},
    {"io", "processes"},
    {"io", "thread_pool"},
    {"io", "process_pool"},
    {"io", "async"},
    {"io", "async_sequential"},
    {"cpu", "sequential"},
    {"cpu", "threads"},
    {"cpu", "processes"},
    {"cpu", "thread_pool"},
    {"cpu", "process_pool"},
    {"mixed", "async"},
    {"mixed", "async_thread_pool"},
    {"mixed", "async_process_pool"},
    {"blocking", "async"},
    {"blocking", "async_thread_pool"},
    {"blocking", "async_process_pool"},
}};

std::optional<unsigned> study_number(std::string_view workload, std::string_view model) {
  unsigned number = 0;
  for (const StudyCase& study_case : study_cases) {
    ++number;
    if (study_case.workload == workload && study_case.model == model) return number;
  }
  return std::nullopt;
}

/// The study's number of workers is always among them.
std::vector<unsigned> worker_sweep(const Options& options, unsigned cores, unsigned study_workers) {
  std::vector<unsigned> workers = options.workers;
  if (options.study_only) {
    workers.clear();
  } else if (workers.empty()) {
    workers = {1, 2, cores, 2 * cores, 4 * cores};
  }
  workers.push_back(study_workers);
  std::sort(workers.begin(), workers.end());
  workers.erase(std::unique(workers.begin(), workers.end()), workers.end());
  return workers;
}

/// What the numbers of jobs are tried with: "empty" goes further, as nothing is quickly done.
void add_scaled_families(std::vector<CaseFamily>& families, std::span<const ExecutionModel> models,
                         const Options& options, unsigned cores) {
  static constexpr std::array<std::string_view, 3> scaled = {"io", "cpu", empty_workload};
  const std::vector<std::string_view> selected = select_workloads(options.workloads);
  for (const std::string_view workload : scaled) {
    const bool is_empty = workload == empty_workload;
    const bool is_selected =
        is_empty || std::find(selected.begin(), selected.end(), workload) != selected.end();
    if (!is_selected) continue;
    std::vector<unsigned> jobs = options.jobs;
    if (jobs.empty()) {
      jobs = {100, 1000, 10'000};
      if (is_empty) jobs.push_back(100'000);
    }
    for (const ExecutionModel& model : models) {
      if (!can_run(model, workload, options.connection)) continue;
      CaseFamily family{.workload = std::string(workload),
                        .model = &model,
                        .workers = {},
                        .study_workers = 0,
                        .study_case = {},
                        .jobs = jobs};
      if (model.policy == WorkerPolicy::bounded) {
        family.study_workers = model.default_workers(cores);
        family.workers = {family.study_workers};
      }
      families.push_back(std::move(family));
    }
  }
}

}  // namespace

std::string CaseFamily::label(unsigned number_of_workers) const {
  if (!study_case || (!workers.empty() && number_of_workers != study_workers)) return {};
  return (*study_case < 10 ? "case 0" : "case ") + std::to_string(*study_case);
}

std::vector<CaseFamily> case_families(std::span<const ExecutionModel> models,
                                      const Options& options, unsigned cores) {
  std::vector<CaseFamily> families;
  for (const std::string_view workload : select_workloads(options.workloads)) {
    for (const ExecutionModel& model : models) {
      CaseFamily family{.workload = std::string(workload),
                        .model = &model,
                        .workers = {},
                        .study_workers = 0,
                        .study_case = study_number(workload, model.name)};
      if (options.study_only && !family.study_case) continue;
      if (!can_run(model, workload, options.connection)) continue;
      if (model.policy == WorkerPolicy::bounded) {
        family.study_workers = model.default_workers(cores);
        family.workers = worker_sweep(options, cores, family.study_workers);
      }
      families.push_back(std::move(family));
    }
  }
  if (options.scales) add_scaled_families(families, models, options, cores);
  return families;
}

}  // namespace concurrency_models::bench
