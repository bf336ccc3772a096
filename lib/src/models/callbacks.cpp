// One event loop on one thread, all requests at once, or as many as may be in flight, by completion
// handlers instead of coroutines; a blocking step runs on the loop and stalls it.
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "fetch_waits.h"
#include "models/models.h"

namespace concurrency_models::models {
namespace {

namespace asio = boost::asio;

struct Loop {
  JobRun& jobs;
  asio::io_context context{1};
  std::size_t next = 0;  ///< of the jobs: the first not begun

  void begin_next();
};

/// A job's request: belongs to the handler that waits for it.
struct Request {
  Request(Loop& of, std::size_t number)
      : loop(of), job(number), fetch(of.jobs.begin_request(number)) {}

  Loop& loop;
  std::size_t job;
  PendingFetch fetch;
  std::optional<FetchWaits<asio::io_context::executor_type>> waits;
};

void go_on(std::unique_ptr<Request> request) {
  if (request->fetch.need() == Need::nothing) {
    Loop& loop = request->loop;
    request->waits.reset();
    if (loop.jobs.end_request(request->job, request->fetch.result())) {
      loop.jobs.blocking_step(request->job, 0, true);
    }
    return loop.begin_next();
  }
  auto& waits = *request->waits;
  waits.async_wait([request = std::move(request)](boost::system::error_code failed) mutable {
    request->waits->proceed(failed);
    go_on(std::move(request));
  });
}

void Loop::begin_next() {
  if (next == jobs.size()) return;
  asio::post(context, [this, job = next++] {
    auto request = std::make_unique<Request>(*this, job);
    if (request->fetch.need() != Need::nothing) {
      request->waits.emplace(context.get_executor(), request->fetch);
    }
    go_on(std::move(request));
  });
}

}  // namespace

WorkersUsed callbacks(JobRun& jobs, unsigned /*workers*/) {
  Loop loop{.jobs = jobs};
  const std::size_t at_once = std::min(jobs.in_flight(), jobs.size());
  for (std::size_t begun = 0; begun < at_once; ++begun) loop.begin_next();
  loop.context.run();
  return {};
}

}  // namespace concurrency_models::models
