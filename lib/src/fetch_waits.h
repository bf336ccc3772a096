#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <chrono>
#include <memory>
#include <utility>

#include "concurrency_models/job_error.h"
#include "concurrency_models/pending_fetch.h"

namespace concurrency_models {

/// How a PendingFetch waits on an Asio event loop, whatever it resumes: the socket, and a timer
/// that cancels the wait when the deadline is over. A connection that is to be kept stays open.
///
/// Must be gone before the fetch is. On the loop's thread only.
template <class Executor>
class FetchWaits {
 public:
  /// Takes over the socket of a fetch that needs something, or makes it fail.
  FetchWaits(const Executor& executor, PendingFetch& fetch)
      : fetch_(fetch), socket_(executor), timer_(executor, fetch.deadline()) {
    boost::system::error_code error;
    socket_.assign(fetch.descriptor(), error);
    if (error) {
      fetch.fail(error);
      return;
    }
    // The event loop forgets a socket that is closed by it without being asked.
    fetch.release_descriptor();
    timer_.async_wait([this, flag = std::weak_ptr(expired_)](boost::system::error_code cancelled) {
      // Gone: the fetch ended while this was on its way, and the socket with it.
      const auto still_running = flag.lock();
      if (cancelled || !still_running) return;
      *still_running = true;
      socket_.cancel();
    });
  }
  ~FetchWaits() {
    if (!fetch_.keeps_connection()) return;
    static_cast<void>(socket_.release());
    fetch_.return_descriptor();
  }
  FetchWaits(const FetchWaits&) = delete;
  FetchWaits& operator=(const FetchWaits&) = delete;
  FetchWaits(FetchWaits&&) = delete;
  FetchWaits& operator=(FetchWaits&&) = delete;

  /// An asynchronous operation, void(error_code), until the fetch can take a step.
  template <class Token>
  auto async_wait(Token&& token) {
    using Socket = boost::asio::posix::descriptor_base;
    const auto direction = fetch_.need() == Need::readable ? Socket::wait_read : Socket::wait_write;
    return socket_.async_wait(direction, std::forward<Token>(token));
  }

  /// Takes the step, once async_wait has ended with `failed`.
  void proceed(boost::system::error_code failed) {
    if (*expired_) {
      fetch_.fail(Error::deadline_exceeded);
    } else if (failed) {
      fetch_.fail(failed);
    } else {
      fetch_.proceed();
    }
  }

 private:
  using Timer = boost::asio::basic_waitable_timer<
      std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

  PendingFetch& fetch_;
  std::shared_ptr<bool> expired_ = std::make_shared<bool>(false);
  boost::asio::posix::basic_stream_descriptor<Executor> socket_;
  Timer timer_;
};

}  // namespace concurrency_models
