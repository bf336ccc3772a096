#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "concurrency_models/cost_meter.h"
#include "concurrency_models/disk_files.h"
#include "concurrency_models/http_client.h"
#include "concurrency_models/measure.h"
#include "concurrency_models/origin_process.h"
#include "concurrency_models/workload.h"
#include "options.h"

namespace concurrency_models::bench {

/// What cases run in: something to fetch from, a client that trusts it, the workloads.
///
/// Made once, when it is certain that there is a case to run, and before any is: names are
/// resolved, the embedded origin is started, any origin is asked once whether it answers.
class Environment {
 public:
  /// `origin_program` as find_origin takes it. Throws std::runtime_error that says what is missing
  /// and what to do.
  Environment(const Options& options, std::filesystem::path origin_program);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  Environment(Environment&&) = delete;
  Environment& operator=(Environment&&) = delete;

  /// From the next case on hosts have the faults of these options and no others; in all else the
  /// options must be those that this was made by. Throws as the constructor does.
  void use_faults(const Options& options);

  [[nodiscard]] const HttpClient& client() const { return *client_; }
  /// As JobRun takes it.
  [[nodiscard]] std::size_t in_flight() const { return in_flight_; }
  /// One of those that the options select.
  [[nodiscard]] const Workload& workload(std::string_view name) const;
  /// One of these, with so many jobs: see concurrency_models::scaled_workload.
  [[nodiscard]] Workload scaled_workload(std::string_view name, std::size_t jobs) const;
  /// The disk workload's files, if that is among the workloads.
  [[nodiscard]] const std::optional<DiskFiles>& files() const { return files_; }
  /// Whether each run of the disk workload begins with none of its files in the page cache.
  [[nodiscard]] bool drops_page_cache() const { return drops_page_cache_; }
  /// What is to be done before each run, unmeasured; nothing for most workloads.
  [[nodiscard]] std::function<void()> preparation(const Workload& workload) const;
  /// The best wall time for the workload under the model, `workers` as the model takes it. Measures
  /// what it depends on when it is first asked: not while something is measured. Nothing if it
  /// cannot be told, or the options do without.
  [[nodiscard]] std::optional<Seconds> ideal_time(const ExecutionModel& model,
                                                  const Workload& workload, unsigned workers) const;
  /// Nothing for workloads that fetch nothing, and where the server has no such clock.
  [[nodiscard]] OriginCpuClock origin_cpu_clock(const Workload& workload) const;
  /// What TLS agreed on with the first server asked, if any was asked and answered.
  [[nodiscard]] const std::optional<TlsParameters>& tls() const { return tls_; }
  /// Processors the embedded origin is kept on, apart from this process's; empty: no such ones.
  [[nodiscard]] std::vector<unsigned> origin_affinity() const;

 private:
  [[nodiscard]] std::vector<Fetch> prepare(const EmbeddedOrigin& source, const Options& options);
  [[nodiscard]] std::vector<Fetch> prepare(const ExternalOrigin& source, const Options& options);
  [[nodiscard]] std::vector<Fetch> prepare(const UrlList& source, const Options& options);
  void make_files(const Options& options);
  void make_client(const Options& options, const std::string& ca_pem);
  [[nodiscard]] FetchResult probe(const Fetch& fetch);

  std::filesystem::path origin_program_;
  std::unique_ptr<OriginProcess> origin_;
  std::optional<HttpClient> client_;
  std::optional<TlsParameters> tls_;
  OriginCpuClock origin_cpu_clock_;
  std::unique_ptr<CostMeter> costs_;  ///< unless the options do without
  std::size_t in_flight_;
  std::optional<DiskFiles> files_;
  std::vector<std::string> paths_of_files_;  ///< for the handler of interrupts
  bool drops_page_cache_ = false;
  std::vector<Fetch> sites_;                     ///< as they should be
  std::optional<OriginFaultPorts> fault_ports_;  ///< asked for when first needed
  std::vector<Workload> workloads_;              ///< those that fetch
  std::optional<Workload> disk_workload_;
};

}  // namespace concurrency_models::bench
