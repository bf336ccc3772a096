#pragma once

#include <cstddef>
#include <vector>

#include "concurrency_models/disk_files.h"
#include "concurrency_models/http_client.h"
#include "concurrency_models/origin_process.h"
#include "concurrency_models/standard_workloads.h"

namespace concurrency_models {

/// One origin for all tests of a test program: made by the first that asks, gone with the program.
[[nodiscard]] OriginProcess& test_origin();

/// Another one, which lets TLS sessions be resumed.
[[nodiscard]] OriginProcess& test_origin_with_tickets();

/// A client that trusts the test origin.
[[nodiscard]] HttpClient test_client();

/// The ten hosts at the test origin, without latency unless told otherwise, over TLS unless told
/// otherwise.
[[nodiscard]] std::vector<Fetch> test_sites(double latency_scale = 0, bool secure = true);

/// Files of one test program, gone with it.
[[nodiscard]] const DiskFiles& test_files();

/// All workloads, the standard four first, in a size for tests: numbers from 5 to 11.
[[nodiscard]] std::vector<Workload> test_workloads(double latency_scale = 0);

/// A fetch from a port where nobody listens.
[[nodiscard]] Fetch refused_fetch();

}  // namespace concurrency_models
