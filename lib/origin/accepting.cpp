#include "accepting.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <utility>

namespace concurrency_models::origin {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

asio::awaitable<void> let_some_end(asio::any_io_executor executor) {
  asio::steady_timer pause(executor, std::chrono::milliseconds(10));
  co_await pause.async_wait(asio::use_awaitable);
}

asio::awaitable<void> accept_forever(tcp::acceptor& acceptor, ConnectionCount& count,
                                     ServeConnection serve) {
  const asio::any_io_executor executor = acceptor.get_executor();
  while (true) {
    if (count.now >= count.limit) {
      co_await let_some_end(executor);
      continue;
    }
    auto [error, socket] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
    if (error) {
      co_await let_some_end(executor);  // out of descriptors, most likely
      continue;
    }
    ++count.now;
    asio::co_spawn(executor, serve(std::move(socket)),
                   [&count](const std::exception_ptr& /*error*/) { --count.now; });
  }
}

}  // namespace

void accept_all(tcp::acceptor& acceptor, ConnectionCount& count, ServeConnection serve) {
  asio::co_spawn(acceptor.get_executor(), accept_forever(acceptor, count, std::move(serve)),
                 asio::detached);
}

}  // namespace concurrency_models::origin
