#include "concurrency_models/event_loop_backend.h"

#include <boost/asio/detail/config.hpp>

#if defined(BOOST_ASIO_HAS_IO_URING_AS_DEFAULT)
#include <liburing.h>

#include <stdexcept>
#include <string>
#include <system_error>
#endif

namespace concurrency_models {

std::string_view event_loop_backend() {
#if defined(BOOST_ASIO_HAS_IO_URING_AS_DEFAULT)
  return "io_uring";
#elif defined(BOOST_ASIO_HAS_EPOLL)
  return "epoll";
#elif defined(BOOST_ASIO_HAS_KQUEUE)
  return "kqueue";
#elif defined(BOOST_ASIO_HAS_DEV_POLL)
  return "poll";
#else
  return "select";
#endif
}

void require_event_loop() {
#if defined(BOOST_ASIO_HAS_IO_URING_AS_DEFAULT)
  io_uring ring{};
  const int result = ::io_uring_queue_init(2, &ring, 0);
  if (result == 0) {
    ::io_uring_queue_exit(&ring);
    return;
  }
  throw std::runtime_error(
      "the kernel does not allow io_uring: " + std::generic_category().message(-result) +
      "; allow it (sysctl kernel.io_uring_disabled=0, the container's seccomp profile), or run "
      "bench, which waits with epoll");
#endif
}

}  // namespace concurrency_models
