#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "google_benchmark.h"
#include "json_document.h"

namespace concurrency_models::bench {

/// Reports as Google Benchmark's own JSONReporter does, field by field, so that what reads its
/// files reads ours, but for this: rows of failed runs hold no figures, no number is NaN or
/// infinite, all text is UTF-8, and the document is complete however the run ends (see
/// JsonDocument).
class JsonReporter final : public benchmark::BenchmarkReporter {
 public:
  /// `context` follows the fields of Google Benchmark in the document's context.
  explicit JsonReporter(nlohmann::ordered_json context) : own_context_(std::move(context)) {}

  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;
  void Finalize() override;

 private:
  nlohmann::ordered_json own_context_;
  std::optional<JsonDocument> document_;  ///< while it is open
};

/// What Google Benchmark says of the machine.
[[nodiscard]] nlohmann::ordered_json to_json(const benchmark::BenchmarkReporter::Context& context);

[[nodiscard]] nlohmann::ordered_json to_json(const benchmark::BenchmarkReporter::Run& run);

}  // namespace concurrency_models::bench
