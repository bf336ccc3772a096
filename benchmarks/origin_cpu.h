#pragma once

#include "concurrency_models/fetch.h"
#include "concurrency_models/http_client.h"
#include "concurrency_models/measure.h"

namespace concurrency_models::bench {

/// The CPU clock of an origin that runs elsewhere, read over the network by `fetch`. Each reading
/// costs the origin a fetch: what that takes is found out now, by reading several times in a row,
/// and taken off what readings show. `client` must outlive the clock. Nothing if the server at the
/// other end has no such clock.
[[nodiscard]] OriginCpuClock remote_origin_clock(const HttpClient& client, const Fetch& fetch);

}  // namespace concurrency_models::bench
