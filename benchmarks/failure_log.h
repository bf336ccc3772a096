#pragma once

#include <iosfwd>
#include <set>
#include <string>

namespace concurrency_models::bench {

/// The cases that failed. Each is told at once, on one line, however often it fails.
///
/// Not left to the reporters, because Google Benchmark shows them no failed repetition when it was
/// asked for aggregates only.
class FailureLog {
 public:
  /// `messages` must outlive the log.
  explicit FailureLog(std::ostream& messages) : messages_(messages) {}

  void add(const std::string& case_name, const std::string& what);
  [[nodiscard]] bool empty() const { return cases_.empty(); }

 private:
  std::ostream& messages_;
  std::set<std::string> cases_;
};

}  // namespace concurrency_models::bench
