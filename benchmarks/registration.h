#pragma once

#include <optional>
#include <vector>

#include "case_family.h"
#include "environment.h"
#include "failure_log.h"

namespace concurrency_models::bench {

/// Registers all cases with Google Benchmark. The environment may be made later, but before they
/// run; it and the log must outlive the registration.
void register_cases(const std::vector<CaseFamily>& families,
                    const std::optional<Environment>& environment, FailureLog& failures);

}  // namespace concurrency_models::bench
