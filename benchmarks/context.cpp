#include "context.h"

#include <openssl/crypto.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <boost/version.hpp>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "build_info.h"
#include "concurrency_models/cgroup.h"
#include "concurrency_models/cores.h"
#include "concurrency_models/event_loop_backend.h"
#include "one_line.h"
#include "usage_error.h"

namespace concurrency_models::bench {
namespace {

using nlohmann::ordered_json;

/// Goes up when a key changes its meaning or goes away.
constexpr std::string_view schema_version = "1";

/// Those of Google Benchmark, which stand beside ours.
constexpr std::array<std::string_view, 9> google_keys = {
    "date",   "host_name", "executable",        "num_cpus", "mhz_per_cpu", "cpu_scaling_enabled",
    "caches", "load_avg",  "library_build_type"};

template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <class... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#else
  return "gcc " __VERSION__;
#endif
}

std::string boost_version() {
  return std::to_string(BOOST_VERSION / 100'000) + '.' +
         std::to_string(BOOST_VERSION / 100 % 1000) + '.' + std::to_string(BOOST_VERSION % 100);
}

void add_if_known(ordered_json& json, const char* key, std::string_view text) {
  if (!text.empty()) json[key] = text;
}

void add_build(ordered_json& json) {
  json["compiler"] = compiler();
  add_if_known(json, "compiler_flags", build_info::compiler_flags);
  add_if_known(json, "hardening_flags", build_info::hardening_flags);
  add_if_known(json, "build_type", build_info::build_type);
  add_if_known(json, "git_commit", build_info::git_commit);
  json["event_loop"] = event_loop_backend();
  json["boost_version"] = boost_version();
  json["openssl_version"] = ::OpenSSL_version(OPENSSL_VERSION);
  add_if_known(json, "google_benchmark_version", build_info::benchmark_version);
}

void add_machine(ordered_json& json, const Environment& environment) {
  json["usable_cores"] = available_cores();
  if (const auto processors = affinity(); !processors.empty()) json["affinity"] = processors;
  if (const auto spare = environment.origin_affinity(); !spare.empty()) {
    json["origin_affinity"] = spare;
  }
  if (const auto quota = cgroup_cpu_quota()) json["cgroup_cpu_quota"] = *quota;
  struct utsname system = {};
  if (::uname(&system) == 0) {
    json["kernel"] = std::string(system.sysname) + ' ' + system.release;
  }
  add_if_known(json, "cpu_model", cpu_model());
}

void add_source(ordered_json& json, const Options& options) {
  std::visit(Overloaded{[&](const EmbeddedOrigin& origin) {
                          json["source"] = "embedded origin";
                          json["scheme"] = origin.secure ? "https" : "http";
                          json["latency_scale"] = options.latency_scale;
                        },
                        [&](const ExternalOrigin& origin) {
                          json["source"] = "external origin";
                          json["origin"] = origin.url.text();
                          json["scheme"] = origin.url.secure ? "https" : "http";
                          json["latency_scale"] = options.latency_scale;
                        },
                        [&](const UrlList& list) {
                          json["source"] = "urls";
                          json["urls_file"] = list.file;
                          json["urls"] = list.urls.size();
                        }},
             options.source);
}

void add_faults(ordered_json& json, const Options& options) {
  if (options.faults.empty()) return;
  const auto joined = [](const auto& parts, const auto& name_of) {
    std::string text;
    for (const auto& part : parts) text.append(text.empty() ? "" : ",").append(name_of(part));
    return text;
  };
  json["faults"] = joined(options.faults, [](const OriginFault& fault) { return fault.name; });
  json["faulty_workloads"] = joined(select_workloads(options.faulty_workloads, "--fault-in"),
                                    [](std::string_view name) { return name; });
}

void add_work(ordered_json& json, const Options& options, const Environment& environment) {
  const FibonacciRange& range = options.fibonacci;
  json["fetches"] = environment.workload(standard_workload_names().front()).jobs.size();
  json["fibonacci"] = std::to_string(range.low) + ':' + std::to_string(range.high) + ':' +
                      std::to_string(range.repeat);
  if (const auto& files = environment.files()) {
    json["files"] = options.files.count;
    json["file_kib"] = options.files.bytes / 1024;
    json["disk_directory"] = files->directory().parent_path().string();
    json["page_cache"] = environment.drops_page_cache()
                             ? "dropped before each run"
                             : "in use: files stay in memory between runs";
  }
  if (options.latency) json["latency_s"] = std::chrono::duration<double>(*options.latency).count();
  if (options.in_flight != all_jobs) json["in_flight"] = options.in_flight;
  json["deadline_s"] = std::chrono::duration<double>(options.deadline).count();
  if (const auto& tls = environment.tls()) {
    json["tls_version"] = tls->version;
    json["tls_key_exchange"] = tls->key_exchange;
    json["tls_key_type"] = tls->key_type;
  }
}

const char* to_text(WorkerPolicy policy) {
  switch (policy) {
    case WorkerPolicy::none:
      return "none";
    case WorkerPolicy::per_job:
      return "per_job";
    case WorkerPolicy::bounded:
      return "bounded";
  }
  return "";
}

const char* to_text(EventLoop event_loop) {
  switch (event_loop) {
    case EventLoop::absent:
      return "absent";
    case EventLoop::stalled:
      return "stalled";
    case EventLoop::kept_free:
      return "kept_free";
  }
  return "";
}

void add_models(ordered_json& json, std::span<const ExecutionModel> models) {
  ordered_json& all = json["execution_models"] = ordered_json::object();
  for (const ExecutionModel& model : models) {
    all[model.name] = {{"workers", to_text(model.policy)},
                       {"event_loop", to_text(model.event_loop)}};
  }
}

}  // namespace

ordered_json suite_context(const Options& options, const Environment& environment,
                           std::span<const ExecutionModel> models) {
  ordered_json json;
  json["schema_version"] = schema_version;
  add_build(json);
  add_machine(json, environment);
  add_source(json, options);
  json["connection"] = name(options.connection);
  add_faults(json, options);
  add_work(json, options, environment);
  add_models(json, models);
  for (const auto& [key, value] : options.google.context) {
    if (json.contains(key) ||
        std::find(google_keys.begin(), google_keys.end(), key) != google_keys.end()) {
      throw UsageError("--benchmark_context: the suite has a key " + key +
                       " of its own; choose another");
    }
    json[key] = value;
  }
  return json;
}

std::vector<std::string> to_lines(const ordered_json& context) {
  std::vector<std::string> lines;
  for (const auto& [key, value] : context.items()) {
    if (value.is_object()) continue;
    std::string line = key + ": ";
    line += value.is_string() ? value.get<std::string>() : value.dump();
    lines.push_back(one_line(std::move(line)));
  }
  return lines;
}

}  // namespace concurrency_models::bench
