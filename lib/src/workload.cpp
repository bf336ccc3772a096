#include "concurrency_models/workload.h"

#include "concurrency_models/fibonacci.h"

namespace concurrency_models {
namespace {

void expect_body(const Fetch& fetch, ExpectedOutcome& expected) {
  if (fetch.expected_bytes && expected.bytes) {
    *expected.bytes += *fetch.expected_bytes;
  } else {
    expected.bytes.reset();
  }
}

const Fetch* blocking_fetch(const Job& job) {
  return job.blocking ? std::get_if<Fetch>(&*job.blocking) : nullptr;
}

}  // namespace

std::vector<Fetch> all_fetches(const Workload& workload) {
  std::vector<Fetch> fetches;
  for (const Job& job : workload.jobs) {
    if (job.request) fetches.push_back(*job.request);
    if (const Fetch* const fetch = blocking_fetch(job)) fetches.push_back(*fetch);
  }
  return fetches;
}

std::uint32_t count_fetches(const Job& job) {
  return (job.request ? 1U : 0U) + (blocking_fetch(job) != nullptr ? 1U : 0U);
}

ExpectedOutcome expected_outcome(const Job& job) {
  ExpectedOutcome expected;
  expected.bytes = 0;
  if (job.request) expect_body(*job.request, expected);
  if (job.blocking) {
    if (const auto* const fetch = std::get_if<Fetch>(&*job.blocking)) {
      expect_body(*fetch, expected);
    } else if (const auto* const file = std::get_if<FileRead>(&*job.blocking)) {
      if (expected.bytes) *expected.bytes += file->bytes;
    } else {
      expected.number = fibonacci_by_addition(std::get<Fibonacci>(*job.blocking).n);
    }
  }
  return expected;
}

std::string describe(const Job& job) {
  std::string text;
  if (job.request) text = job.request->url.text();
  if (job.blocking) {
    if (!text.empty()) text += " + ";
    if (const auto* const fetch = std::get_if<Fetch>(&*job.blocking)) {
      text += fetch->url.text() + " (blocking)";
    } else if (const auto* const file = std::get_if<FileRead>(&*job.blocking)) {
      text += file->path;
    } else {
      text += "fibonacci(" + std::to_string(std::get<Fibonacci>(*job.blocking).n) + ")";
    }
  }
  return text;
}

}  // namespace concurrency_models
