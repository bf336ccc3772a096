// One event loop on one thread, all requests at once, by completion handlers instead of coroutines;
// a blocking step runs on the loop and stalls it.
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

/// A job's request: belongs to the handler that waits for it.
struct Request {
  Request(JobRun& run, std::size_t number)
      : jobs(run), job(number), fetch(run.begin_request(number)) {}

  JobRun& jobs;
  std::size_t job;
  PendingFetch fetch;
  std::optional<FetchWaits<asio::io_context::executor_type>> waits;
};

void go_on(std::unique_ptr<Request> request) {
  if (request->fetch.need() == Need::nothing) {
    request->waits.reset();
    if (request->jobs.end_request(request->job, request->fetch.result())) {
      request->jobs.blocking_step(request->job, 0, true);
    }
    return;
  }
  auto& waits = *request->waits;
  waits.async_wait([request = std::move(request)](boost::system::error_code failed) mutable {
    request->waits->proceed(failed);
    go_on(std::move(request));
  });
}

}  // namespace

WorkersUsed callbacks(JobRun& jobs, unsigned /*workers*/) {
  asio::io_context loop(1);
  for (std::size_t job = 0; job < jobs.size(); ++job) {
    asio::post(loop, [&loop, &jobs, job] {
      auto request = std::make_unique<Request>(jobs, job);
      if (request->fetch.need() != Need::nothing) {
        request->waits.emplace(loop.get_executor(), request->fetch);
      }
      go_on(std::move(request));
    });
  }
  loop.run();
  return {};
}

}  // namespace concurrency_models::models
