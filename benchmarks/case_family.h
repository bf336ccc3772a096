#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "concurrency_models/execution_model.h"
#include "options.h"

namespace concurrency_models::bench {

/// One workload under one model, with the numbers of workers to try.
struct CaseFamily {
  std::string workload;
  const ExecutionModel* model = nullptr;
  std::vector<unsigned> workers;       ///< ascending; empty for models that are not bounded
  unsigned study_workers = 0;          ///< the study's number of workers, if bounded
  std::optional<unsigned> study_case;  ///< the study's number for it, 1 to 18
  /// Numbers of jobs to try, ascending, each with the study's number of workers; empty: as many as
  /// the workload has.
  std::vector<unsigned> jobs = {};

  /// "io_thread_pool".
  [[nodiscard]] std::string name() const { return workload + '_' + model->name; }
  /// "case 04" if these many workers are what the study had, otherwise empty.
  [[nodiscard]] std::string label(unsigned number_of_workers) const;
};

/// The workloads that the options select under all of `models`, which must outlive the result,
/// workload by workload in the order of the models; with Options::study_only those that have a
/// number in the study.
[[nodiscard]] std::vector<CaseFamily> case_families(std::span<const ExecutionModel> models,
                                                    const Options& options, unsigned cores);

}  // namespace concurrency_models::bench
