#include "accepting.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <utility>

namespace concurrency_models::origin {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

asio::awaitable<void> accept_forever(tcp::acceptor& acceptor, ServeConnection serve) {
  while (true) {
    auto [error, socket] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
    if (error) {
      // Out of descriptors, most likely: let some connections end before trying again.
      asio::steady_timer pause(acceptor.get_executor(), std::chrono::milliseconds(10));
      co_await pause.async_wait(asio::use_awaitable);
      continue;
    }
    asio::co_spawn(acceptor.get_executor(), serve(std::move(socket)), asio::detached);
  }
}

}  // namespace

void accept_all(tcp::acceptor& acceptor, ServeConnection serve) {
  asio::co_spawn(acceptor.get_executor(), accept_forever(acceptor, std::move(serve)),
                 asio::detached);
}

}  // namespace concurrency_models::origin
