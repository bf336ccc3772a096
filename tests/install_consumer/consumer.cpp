// Measures one case, with nothing but what is installed.
#include <concurrency_models/execution_model.h>
#include <concurrency_models/http_client.h>
#include <concurrency_models/measure.h>
#include <concurrency_models/origin_process.h>
#include <concurrency_models/standard_workloads.h>

#include <exception>
#include <iostream>
#include <vector>

namespace cm = concurrency_models;

int main() {
  try {
    cm::OriginProcess::Options options;
    options.program = ORIGIN_PROGRAM;
    const cm::OriginProcess origin(options);
    const cm::HttpClient client({.ca_pem = origin.ca_pem()});
    const auto sites = cm::origin_fetches(true, cm::loopback(origin.https_port()), 0.1);
    const auto workloads = cm::standard_workloads(sites, 10, {.low = 5, .high = 7, .repeat = 1});
    const cm::ExecutionModel& model = cm::standard_models()[0];
    const cm::Workload& workload = workloads[0];

    const cm::Measurement measured =
        cm::measure(model, workload, client, 1, [&origin] { return origin.cpu_time(); });
    for (const cm::JobFailure& failure : measured.failures) std::cerr << failure.what << '\n';
    std::cout << workload.name << '_' << model.name << ": " << workload.jobs.size() << " jobs, "
              << measured.failures.size() << " failures, " << measured.wall.count() << " s\n";
    return measured.failures.empty() ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
