#include "environment.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>

#include "concurrency_models/cores.h"
#include "concurrency_models/endpoint.h"
#include "concurrency_models/standard_workloads.h"
#include "error_advice.h"
#include "find_origin.h"
#include "interrupt.h"
#include "origin_cpu.h"
#include "selection.h"

namespace concurrency_models::bench {
namespace {

/// Processors that this process leaves to others. Its cgroup may not let it have them.
std::vector<unsigned> spare_processors() {
  const std::vector<unsigned> all = online_processors();
  const std::vector<unsigned> mine = affinity();
  std::vector<unsigned> spare;
  std::set_difference(all.begin(), all.end(), mine.begin(), mine.end(), std::back_inserter(spare));
  return spare;
}

/// The first site's host, asked for `target`.
Fetch ask_first_host(const std::vector<Fetch>& sites, std::string target) {
  Fetch fetch = sites.front();
  fetch.url.target = std::move(target);
  fetch.expected_bytes.reset();
  return fetch;
}

/// The URL's address, asked for once and for all.
Endpoint look_up(const Url& url, const std::string& option) {
  try {
    return resolve(url);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(option + ": " + error.what() + "; check the name and the network");
  }
}

/// Those of an origin at `endpoint`, as slow as the options want them.
std::vector<Fetch> make_sites(bool secure, const Endpoint& endpoint, const Options& options) {
  std::vector<Fetch> sites = origin_fetches(secure, endpoint, options.latency_scale);
  if (!options.latency) return sites;
  for (Fetch& site : sites) {
    site.latency = *options.latency;
    site.url.target = origin_target(*site.latency, *site.expected_bytes);
  }
  return sites;
}

Fetch smallest_fetch(const std::vector<Fetch>& sites) {
  Fetch fetch = ask_first_host(sites, origin_target(std::chrono::microseconds(0), 1));
  fetch.expected_bytes = 1;
  return fetch;
}

std::size_t io_jobs(const Options& options, std::size_t sites) {
  if (options.fetches) return *options.fetches;
  const bool real = std::holds_alternative<UrlList>(options.source);
  return real ? std::max(default_fetches, sites) : default_fetches;
}

}  // namespace

Environment::Environment(const Options& options, std::filesystem::path origin_program)
    : origin_program_(std::move(origin_program)), in_flight_(options.in_flight) {
  sites_ = std::visit([&](const auto& source) { return prepare(source, options); }, options.source);
  if (options.efficiency) costs_ = std::make_unique<CostMeter>(*client_, origin_cpu_clock_);
  use_faults(options);
  const auto selected = select_workloads(options.workloads);
  if (std::find(selected.begin(), selected.end(), "disk") == selected.end()) return;
  make_files(options);
  drops_page_cache_ = files_->drop_from_page_cache();
  disk_workload_ = disk_workload(files_->reads());
}

Environment::~Environment() { remove_on_interrupt(nullptr); }

void Environment::use_faults(const Options& options) {
  const auto make = [&options](const std::vector<Fetch>& from) {
    std::vector<Workload> workloads =
        standard_workloads(from, io_jobs(options, from.size()), options.fibonacci);
    workloads.push_back(convoy_workload(from, options.fibonacci));
    return workloads;
  };
  workloads_ = make(sites_);
  if (options.faults.empty()) return;
  if (!fault_ports_) fault_ports_ = ask_fault_ports(client(), sites_.front());
  std::vector<Fetch> faulty_sites = sites_;
  for (std::size_t host = 0; host < options.faults.size(); ++host) {
    faulty_sites[host] = faulty_fetch(sites_[host], options.faults[host], *fault_ports_);
  }
  const auto selected = select_workloads(options.faulty_workloads, "--fault-in");
  const std::vector<Workload> faulty = make(faulty_sites);
  for (std::size_t i = 0; i < workloads_.size(); ++i) {
    const bool is_selected =
        std::find(selected.begin(), selected.end(), faulty[i].name) != selected.end();
    if (is_selected) workloads_[i] = faulty[i];
  }
}

void Environment::make_files(const Options& options) {
  try {
    files_.emplace(options.files);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(std::string(error.what()) +
                             "; choose another --disk-directory, or fewer --files of less "
                             "--file-size");
  }
  for (const FileRead& file : files_->reads()) paths_of_files_.push_back(file.path);
  paths_of_files_.push_back(files_->directory());
  remove_on_interrupt(&paths_of_files_);
}

std::vector<Fetch> Environment::prepare(const EmbeddedOrigin& source, const Options& options) {
  OriginProcess::Options process;
  process.program = find_origin(origin_program_);
  process.affinity = spare_processors();
  // Whoever gives up first is who is told of: not the origin, whatever else keeps a fetch.
  process.answer_timeout =
      std::chrono::minutes(10) + std::chrono::ceil<std::chrono::milliseconds>(options.deadline);
  process.session_tickets = options.connection == ConnectionMode::resumed;
  origin_ = std::make_unique<OriginProcess>(process);
  origin_cpu_clock_ = [this] { return origin_->cpu_time(); };
  make_client(options, origin_->ca_pem());
  const Endpoint endpoint = loopback(source.secure ? origin_->https_port() : origin_->http_port());
  std::vector<Fetch> sites = make_sites(source.secure, endpoint, options);
  if (const JobError error = probe(smallest_fetch(sites)).error) {
    throw std::runtime_error("the origin at " + endpoint.text() + ": " + text_with_advice(error));
  }
  return sites;
}

std::vector<Fetch> Environment::prepare(const ExternalOrigin& source, const Options& options) {
  const std::string name = "--origin " + source.url.text();
  make_client(options, options.ca_pem);
  const Endpoint endpoint = look_up(source.url, name);
  std::vector<Fetch> sites = make_sites(source.url.secure, endpoint, options);
  if (const JobError error = probe(smallest_fetch(sites)).error) {
    throw std::runtime_error(name + ": " + text_with_advice(error));
  }
  origin_cpu_clock_ =
      remote_origin_clock(client(), ask_first_host(sites, std::string(origin_cpu_target)));
  return sites;
}

std::vector<Fetch> Environment::prepare(const UrlList& source, const Options& options) {
  make_client(options, options.ca_pem);
  std::map<std::string, Endpoint> known;
  std::vector<Fetch> sites;
  for (const Url& url : source.urls) {
    const std::string key = (url.secure ? "https " : "http ") + url.authority();
    if (!known.contains(key)) known[key] = look_up(url, "--urls " + source.file);
    sites.push_back({.url = url, .endpoint = known[key], .expected_bytes = {}});
  }
  const auto secure =
      std::find_if(sites.begin(), sites.end(), [](const Fetch& site) { return site.url.secure; });
  // For the context only: whether this site answers is for the cases to tell.
  if (secure != sites.end()) static_cast<void>(probe(*secure));
  return sites;
}

void Environment::make_client(const Options& options, const std::string& ca_pem) {
  client_.emplace(ClientOptions{
      .ca_pem = ca_pem, .deadline = options.deadline, .connection = options.connection});
}

FetchResult Environment::probe(const Fetch& fetch) {
  TlsParameters agreed;
  const FetchResult result = client_->probe(fetch, agreed);
  if (!agreed.version.empty()) tls_ = agreed;
  return result;
}

const Workload& Environment::workload(std::string_view name) const {
  if (disk_workload_ && disk_workload_->name == name) return *disk_workload_;
  const auto found = std::find_if(workloads_.begin(), workloads_.end(),
                                  [name](const Workload& each) { return each.name == name; });
  if (found == workloads_.end()) throw std::logic_error("no workload " + std::string(name));
  return *found;
}

Workload Environment::scaled_workload(std::string_view name, std::size_t jobs) const {
  return concurrency_models::scaled_workload(name, sites_, jobs);
}

std::function<void()> Environment::preparation(const Workload& workload) const {
  const bool reads_files =
      std::any_of(workload.jobs.begin(), workload.jobs.end(), [](const Job& job) {
        return job.blocking && std::holds_alternative<FileRead>(*job.blocking);
      });
  if (!reads_files || !drops_page_cache_) return {};
  return [this] { static_cast<void>(files_->drop_from_page_cache()); };
}

std::optional<Seconds> Environment::ideal_time(const ExecutionModel& model,
                                               const Workload& workload, unsigned workers) const {
  if (!costs_ || !model.shape) return std::nullopt;
  try {
    const auto jobs = costs_->costs(workload);
    if (!jobs) return std::nullopt;
    const auto ideal = concurrency_models::ideal_time(
        *jobs, model, workers,
        {.cores = costs_->capacity(), .origin_shares = origin_ && origin_->affinity().empty()},
        in_flight_);
    if (ideal == Seconds::zero()) return std::nullopt;  // no share of nothing means anything
    return ideal;
  } catch (const std::exception&) {
    return std::nullopt;  // what the system refuses the calibration it may still grant the case
  }
}

std::vector<unsigned> Environment::origin_affinity() const {
  return origin_ ? origin_->affinity() : std::vector<unsigned>();
}

OriginCpuClock Environment::origin_cpu_clock(const Workload& workload) const {
  const bool fetches = std::any_of(workload.jobs.begin(), workload.jobs.end(), [](const Job& job) {
    return job.request || (job.blocking && std::holds_alternative<Fetch>(*job.blocking));
  });
  return fetches ? origin_cpu_clock_ : OriginCpuClock();
}

}  // namespace concurrency_models::bench
