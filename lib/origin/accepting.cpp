#include "accepting.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/errc.hpp>
#include <chrono>
#include <exception>
#include <iostream>
#include <new>
#include <utility>

#include "file_descriptor.h"

namespace concurrency_models::origin {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

asio::awaitable<void> let_some_end(asio::any_io_executor executor) {
  asio::steady_timer pause(executor, std::chrono::milliseconds(10));
  co_await pause.async_wait(asio::use_awaitable);
}

bool is_out_of_descriptors(const boost::system::error_code& error) {
  return error == boost::system::errc::too_many_files_open ||
         error == boost::system::errc::too_many_files_open_in_system;
}

/// A descriptor that is there to be given up when there is no other, so that a connection can be
/// taken and reset. Left in the queue, it would wait for others to end, and that wait would be
/// taken for the client's own time; or for ever, if the others wait for it.
///
/// One for the whole program, which has one thread.
class Reserve {
 public:
  /// False if there was no such descriptor either.
  bool reset_next(tcp::acceptor& acceptor, const boost::system::error_code& why) {
    if (spare_.get() < 0) open();
    if (spare_.get() < 0) return false;
    if (!std::exchange(told_, true)) {
      std::cerr << "origin: connections are reset: " + why.message() +
                       "; allow more open files (ulimit -Hn), or make fewer at once\n";
    }
    spare_.close();
    {
      const FileDescriptor socket(::accept(acceptor.native_handle(), nullptr, nullptr));
      constexpr linger at_once{.l_onoff = 1, .l_linger = 0};
      if (socket.get() >= 0) {
        ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      }
    }
    open();
    return true;
  }

 private:
  void open() { spare_ = FileDescriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

  FileDescriptor spare_{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  bool told_ = false;
};

Reserve& reserve() {
  static Reserve only;
  return only;
}

/// Without memory for it, a connection is closed: its client sees that at once, and others may be
/// served.
void serve_or_close(tcp::socket socket, ConnectionCount& count, const ServeConnection& serve) {
  const asio::any_io_executor executor = socket.get_executor();
  ++count.now;
  try {
    asio::co_spawn(executor, serve(std::move(socket)),
                   [&count](const std::exception_ptr& /*error*/) { --count.now; });
  } catch (const std::bad_alloc&) {
    --count.now;
  }
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
      const bool is_reset = is_out_of_descriptors(error) && reserve().reset_next(acceptor, error);
      if (!is_reset) {
        co_await let_some_end(executor);
      }
      continue;
    }
    serve_or_close(std::move(socket), count, serve);
  }
}

/// For nobody would be there to accept: with the loop ends the program, whose fault is told.
void rethrow(const std::exception_ptr& error) {
  if (error) std::rethrow_exception(error);
}

}  // namespace

void accept_all(tcp::acceptor& acceptor, ConnectionCount& count, ServeConnection serve) {
  static_cast<void>(reserve());  // taken while there are descriptors
  asio::co_spawn(acceptor.get_executor(), accept_forever(acceptor, count, std::move(serve)),
                 rethrow);
}

}  // namespace concurrency_models::origin
