#include "failure_log.h"

#include <ostream>

#include "one_line.h"

namespace concurrency_models::bench {

void FailureLog::add(const std::string& case_name, const std::string& what) {
  if (cases_.insert(case_name).second) {
    messages_ << "bench: " + case_name + ": " + one_line(what) + '\n' << std::flush;
  }
}

}  // namespace concurrency_models::bench
