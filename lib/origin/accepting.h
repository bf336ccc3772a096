#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>

namespace concurrency_models::origin {

/// What is done with an accepted connection, until it ends.
using ServeConnection =
    std::function<boost::asio::awaitable<void>(boost::asio::ip::tcp::socket socket)>;

/// Serves connections that come to `acceptor`, which must outlive its loop's run, until the loop
/// stops. Those that there is no descriptor for are reset, and standard error is told once: a wait
/// would pass for the client's own time.
void accept_all(boost::asio::ip::tcp::acceptor& acceptor, ServeConnection serve);

}  // namespace concurrency_models::origin
