#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <functional>

namespace concurrency_models::origin {

/// What is done with an accepted connection, until it ends.
using ServeConnection =
    std::function<boost::asio::awaitable<void>(boost::asio::ip::tcp::socket socket)>;

/// How many connections there are and may be, of all acceptors of one loop. On its thread only.
struct ConnectionCount {
  std::size_t limit;
  std::size_t now = 0;
};

/// Serves connections that come to `acceptor` until the loop stops; it and `count` must outlive the
/// loop's handlers. At the limit it lets some connections end before it accepts more. Connections
/// that there is no descriptor for are reset, and standard error is told once: a wait would pass
/// for the client's own time.
void accept_all(boost::asio::ip::tcp::acceptor& acceptor, ConnectionCount& count,
                ServeConnection serve);

}  // namespace concurrency_models::origin
