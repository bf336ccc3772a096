#include "support/ways_to_fetch.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>

namespace concurrency_models {
namespace {

FetchResult blocking_get(const HttpClient& client, const Fetch& fetch) { return client.get(fetch); }

}  // namespace

FetchResult await_get(const HttpClient& client, const Fetch& fetch) {
  boost::asio::io_context loop;
  FetchResult result;
  boost::asio::co_spawn(loop, client.async_get(fetch),
                        [&result](const std::exception_ptr& exception, FetchResult got) {
                          if (exception) std::rethrow_exception(exception);
                          result = got;
                        });
  loop.run();
  return result;
}

std::vector<WayToFetch> ways_to_fetch() {
  return {{.name = "get", .fetch = blocking_get}, {.name = "async_get", .fetch = await_get}};
}

}  // namespace concurrency_models
