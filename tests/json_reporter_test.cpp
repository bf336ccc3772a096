// Rows and documents of JSON against Google Benchmark's own reporter.
#include "json_reporter.h"

#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "support/strict_json.h"
#include "support/temporary_directory.h"

namespace concurrency_models::bench {
namespace {

using Result = benchmark::BenchmarkReporter::Run;

Result make_result() {
  Result run;
  run.run_name.function_name = "io_thread_pool";
  run.run_name.args = "workers:6";
  run.run_name.time_type = "real_time";
  run.family_index = 3;
  run.per_family_instance_index = 1;
  run.repetition_index = 2;
  run.repetitions = 5;
  run.iterations = 4;
  run.time_unit = benchmark::kMillisecond;
  run.real_accumulated_time = 0.5;
  run.cpu_accumulated_time = 0.25;
  run.report_label = "case 04";
  run.counters["user_s"] = benchmark::Counter(1.0 / 3);
  return run;
}

Result make_aggregate(benchmark::StatisticUnit unit) {
  Result run = make_result();
  run.run_type = Result::RT_Aggregate;
  run.repetition_index = Result::no_repetition_index;
  run.aggregate_name = unit == benchmark::kPercentage ? "cv" : "mean";
  run.aggregate_unit = unit;
  return run;
}

/// The same in releases that renamed the field.
template <class AnyRun>
void set_error(AnyRun& run, const std::string& text) {
  if constexpr (requires { run.error_occurred; }) {
    run.error_occurred = true;
    run.error_message = text;
  } else {
    run.skipped = decltype(run.skipped)(2);
    run.skip_message = text;
  }
}

template <class Reporter>
std::string report(Reporter& reporter, const std::vector<Result>& runs) {
  std::ostringstream out;
  reporter.SetOutputStream(&out);
  reporter.ReportContext(benchmark::BenchmarkReporter::Context());
  reporter.ReportRuns(runs);
  reporter.Finalize();
  return out.str();
}

TEST(JsonReporter, WritesWhatGoogleBenchmarkWrites) {
  const std::vector<Result> runs = {make_result(), make_aggregate(benchmark::kTime),
                                    make_aggregate(benchmark::kPercentage)};
  benchmark::JSONReporter theirs;
  JsonReporter ours(nlohmann::ordered_json{{"own", "key"}});
  const nlohmann::json expected = nlohmann::json::parse(report(theirs, runs));
  const nlohmann::json written = parse_strictly(report(ours, runs));
  EXPECT_EQ(written["benchmarks"], expected["benchmarks"]);
  EXPECT_EQ(written["context"]["own"], "key");
  for (const auto& [key, value] : expected["context"].items()) {
    ASSERT_TRUE(written["context"].contains(key) || key == "json_schema_version" ||
                key == "library_version")
        << key;
    if (key == "date") {
      EXPECT_EQ(written["context"][key].get<std::string>().size(), value.get<std::string>().size());
    } else if (key == "load_avg") {
      EXPECT_EQ(written["context"][key].size(), value.size());  // it prints fewer digits
    } else if (key == "num_cpus" || key == "caches" || key == "host_name") {
      EXPECT_EQ(written["context"][key], value);
    }
  }
}

TEST(JsonReporter, GivesFailedRunsNoFigures) {
  Result run = make_result();
  run.counters.clear();
  set_error(run, "job 0: \"quoted\"\nsecond line");
  const nlohmann::ordered_json row = to_json(run);
  EXPECT_EQ(row["name"], "io_thread_pool/workers:6/real_time");
  EXPECT_EQ(row["error_occurred"], true);
  EXPECT_EQ(row["error_message"], "job 0: \"quoted\"\nsecond line");
  EXPECT_EQ(row["label"], "case 04");
  for (const char* const key : {"iterations", "real_time", "cpu_time", "time_unit", "threads"}) {
    EXPECT_FALSE(row.contains(key)) << key;
  }
}

TEST(JsonReporter, LetsTheCounterHaveTheNameThreads) {
  Result run = make_result();
  run.counters["threads"] = benchmark::Counter(30);
  EXPECT_EQ(to_json(run)["threads"], 30);
}

TEST(JsonReporter, LeavesOutWhatIsNoNumber) {
  Result run = make_result();
  run.counters["not_a_number"] = benchmark::Counter(std::numeric_limits<double>::quiet_NaN());
  run.counters["infinite"] = benchmark::Counter(-std::numeric_limits<double>::infinity());
  run.counters["zero"] = benchmark::Counter(0);
  JsonReporter reporter(nlohmann::ordered_json::object());
  const nlohmann::json row = parse_strictly(report(reporter, {run}))["benchmarks"][0];
  EXPECT_FALSE(row.contains("not_a_number"));
  EXPECT_FALSE(row.contains("infinite"));
  EXPECT_EQ(row["zero"], 0.0);
}

TEST(JsonReporter, ReplacesWhatIsNoUtf8) {
  Result run = make_result();
  run.report_label = "caf\xE9";
  JsonReporter reporter(nlohmann::ordered_json{{"key", "\xFF"}});
  const nlohmann::json document = parse_strictly(report(reporter, {run}));
  EXPECT_EQ(document["benchmarks"][0]["label"], "caf\uFFFD");
  EXPECT_EQ(document["context"]["key"], "\uFFFD");
}

TEST(JsonReporter, OfNothingIsADocumentToo) {
  JsonReporter reporter(nlohmann::ordered_json::object());
  EXPECT_TRUE(parse_strictly(report(reporter, {}))["benchmarks"].empty());
}

TEST(JsonReporter, WritesNothingWithoutAContext) {
  JsonReporter reporter(nlohmann::ordered_json::object());
  std::ostringstream out;
  reporter.SetOutputStream(&out);
  reporter.Finalize();
  EXPECT_EQ(out.str(), "");
}

TEST(JsonDocument, InAFileIsCompleteAtAnyTime) {
  const TemporaryDirectory directory;
  std::ofstream out(directory.file("document.json"));
  const auto rows_on_disk = [&directory] {
    return parse_strictly(directory.read("document.json"))["benchmarks"].size();
  };
  JsonDocument document(out, {{"key", "value"}});
  EXPECT_EQ(rows_on_disk(), 0U);
  for (std::size_t row = 1; row <= 3; ++row) {
    document.append({{"name", std::string(row * 10'000, 'x')}, {"value", row}});
    EXPECT_EQ(rows_on_disk(), row);
  }
  document.append(nlohmann::ordered_json::object());
  EXPECT_EQ(rows_on_disk(), 4U);
  document.close();
  EXPECT_EQ(rows_on_disk(), 4U);
}

TEST(JsonDocument, WhereNothingCanBeTakenBackIsCompleteAtItsEnd) {
  struct OneWay : std::stringbuf {
    pos_type seekoff(off_type /*off*/, std::ios::seekdir /*from*/,
                     std::ios::openmode /*which*/) override {
      return {off_type(-1)};
    }
  };
  OneWay buffer;
  std::ostream out(&buffer);
  JsonDocument document(out, nlohmann::ordered_json::object());
  document.append({{"name", "a"}});
  document.append({{"name", "b"}});
  EXPECT_THROW(static_cast<void>(parse_strictly(buffer.str())), nlohmann::json::parse_error);
  document.close();
  EXPECT_TRUE(out);
  EXPECT_EQ(parse_strictly(buffer.str())["benchmarks"].size(), 2U);
}

}  // namespace
}  // namespace concurrency_models::bench
