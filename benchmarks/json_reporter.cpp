#include "json_reporter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <string>

namespace concurrency_models::bench {
namespace {

using nlohmann::ordered_json;
using Run = benchmark::BenchmarkReporter::Run;

/// "2024-05-06T07:08:09+02:00", in local time.
std::string local_time() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::localtime_r(&now, &parts);
  std::array<char, sizeof "2024-05-06T07:08:09+0200"> buffer{};
  const std::string text(
      buffer.data(), std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%S%z", &parts));
  const std::size_t minutes = text.size() - std::min<std::size_t>(text.size(), 2);
  return text.substr(0, minutes) + ':' + text.substr(minutes);
}

/// As the library itself names them, in its own file.
const char* name_of(benchmark::BigO complexity) {
  switch (complexity) {
    case benchmark::o1:
      return "(1)";
    case benchmark::oN:
      return "N";
    case benchmark::oNSquared:
      return "N^2";
    case benchmark::oNCubed:
      return "N^3";
    case benchmark::oLogN:
      return "lgN";
    case benchmark::oNLogN:
      return "NlgN";
    default:
      return "f(N)";
  }
}

/// Of a percentage the library keeps the value itself where else it keeps a sum over iterations.
bool is_percentage(const Run& run) {
  return run.run_type == Run::RT_Aggregate && run.aggregate_unit == benchmark::kPercentage;
}

}  // namespace

ordered_json to_json(const benchmark::BenchmarkReporter::Context& context) {
  constexpr double hz_per_mhz = 1e6;
  const benchmark::CPUInfo& cpu = context.cpu_info;
  ordered_json json;
  json["date"] = local_time();
  json["host_name"] = context.sys_info.name;
  if (context.executable_name != nullptr) json["executable"] = context.executable_name;
  // What it could not find out (without /proc) is -1.
  if (cpu.num_cpus > 0) json["num_cpus"] = cpu.num_cpus;
  if (cpu.cycles_per_second > 0) {
    json["mhz_per_cpu"] = std::llround(cpu.cycles_per_second / hz_per_mhz);
  }
  if (cpu.scaling != benchmark::CPUInfo::UNKNOWN) {
    json["cpu_scaling_enabled"] = cpu.scaling == benchmark::CPUInfo::ENABLED;
  }
  json["caches"] = ordered_json::array();
  for (const auto& cache : cpu.caches) {
    json["caches"].push_back({{"type", cache.type},
                              {"level", cache.level},
                              {"size", cache.size},
                              {"num_sharing", cache.num_sharing}});
  }
  json["load_avg"] = cpu.load_avg;
#ifdef NDEBUG
  json["library_build_type"] = "release";
#else
  json["library_build_type"] = "debug";
#endif
  return json;
}

ordered_json to_json(const Run& run) {
  const bool aggregate = run.run_type == Run::RT_Aggregate;
  const std::optional<std::string> error = error_of(run);
  ordered_json json;
  json["name"] = run.benchmark_name();
  json["family_index"] = run.family_index;
  json["per_family_instance_index"] = run.per_family_instance_index;
  json["run_name"] = run.run_name.str();
  json["run_type"] = aggregate ? "aggregate" : "iteration";
  json["repetitions"] = run.repetitions;
  if (!aggregate) json["repetition_index"] = run.repetition_index;
  // Threads that run one benchmark at once, always one here; as a counter, what the model used.
  if (!error && !run.counters.contains("threads")) json["threads"] = run.threads;
  if (aggregate) {
    json["aggregate_name"] = run.aggregate_name;
    json["aggregate_unit"] = is_percentage(run) ? "percentage" : "time";
  }
  if (run.report_big_o) {
    json["real_coefficient"] = run.GetAdjustedRealTime();
    json["cpu_coefficient"] = run.GetAdjustedCPUTime();
    json["big_o"] = name_of(run.complexity);
    json["time_unit"] = benchmark::GetTimeUnitString(run.time_unit);
    return json;
  }
  if (run.report_rms) {
    json["rms"] = run.GetAdjustedRealTime();
    return json;
  }
  if (error) {
    json["error_occurred"] = true;
    json["error_message"] = *error;
  } else {
    json["iterations"] = run.iterations;
    json["real_time"] = is_percentage(run) ? run.real_accumulated_time : run.GetAdjustedRealTime();
    json["cpu_time"] = is_percentage(run) ? run.cpu_accumulated_time : run.GetAdjustedCPUTime();
    json["time_unit"] = benchmark::GetTimeUnitString(run.time_unit);
    for (const auto& [name, counter] : run.counters) json[name] = counter.value;
  }
  if (!run.report_label.empty()) json["label"] = run.report_label;
  return json;
}

bool JsonReporter::ReportContext(const Context& context) {
  ordered_json all = to_json(context);
  all.update(own_context_);
  document_.emplace(GetOutputStream(), all);
  return true;
}

void JsonReporter::ReportRuns(const std::vector<Run>& runs) {
  for (const Run& run : runs) document_->append(to_json(run));
}

void JsonReporter::Finalize() {
  if (document_) document_->close();
  document_.reset();
}

}  // namespace concurrency_models::bench
