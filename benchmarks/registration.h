#pragma once

#include <optional>
#include <vector>

#include "case_family.h"
#include "environment.h"
#include "failure_log.h"
#include "trace.h"

namespace concurrency_models::bench {

/// Registers all cases with Google Benchmark. The environment may be made later, but before they
/// run; it, the log and the trace, if one is to be kept, must outlive the registration.
void register_cases(const std::vector<CaseFamily>& families,
                    const std::optional<Environment>& environment, FailureLog& failures,
                    Trace* trace);

}  // namespace concurrency_models::bench
