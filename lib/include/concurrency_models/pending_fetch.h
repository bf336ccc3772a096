#pragma once

#include <boost/system/error_code.hpp>
#include <chrono>
#include <memory>

#include "concurrency_models/fetch.h"

namespace concurrency_models {

class HttpExchange;

/// What a fetch must wait for before it can go on.
enum class Need { nothing, readable, writable };

/// A fetch under way, in steps that never block, for event loops of any kind: whoever drives it
/// waits until the descriptor is what it needs to be and calls proceed(), again and again, until it
/// needs nothing. HttpClient::get and HttpClient::async_get are such drivers.
///
/// One thread at a time. What it was made from, a Fetch and a client, must outlive it.
class PendingFetch {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Over already, and nothing came of it: stands for a fetch that there is not.
  PendingFetch();
  PendingFetch(std::unique_ptr<HttpExchange> exchange, TimePoint deadline);
  ~PendingFetch();
  PendingFetch(PendingFetch&&) noexcept;
  PendingFetch& operator=(PendingFetch&&) noexcept;
  PendingFetch(const PendingFetch&) = delete;
  PendingFetch& operator=(const PendingFetch&) = delete;

  /// Need::nothing: it is over, result() says how.
  [[nodiscard]] Need need() const { return need_; }
  /// The socket to wait for. The same from beginning to end, and nobody else's.
  [[nodiscard]] int descriptor() const;
  /// When its driver should give up and call fail(Error::deadline_exceeded).
  [[nodiscard]] TimePoint deadline() const { return deadline_; }

  /// Takes all steps that can be taken without waiting.
  void proceed();
  /// Ends it at whatever stage it is.
  void fail(boost::system::error_code error);
  /// The caller closes the socket from now on, when the fetch is over, or gives it back.
  void release_descriptor();
  /// It is over and its connection is to be kept: whoever released the descriptor should return it
  /// then, open and watched by nobody, before this object ends. Otherwise the connection is lost.
  [[nodiscard]] bool keeps_connection() const;
  void return_descriptor();

  [[nodiscard]] const FetchResult& result() const;

 private:
  std::unique_ptr<HttpExchange> exchange_;
  TimePoint deadline_;
  Need need_ = Need::nothing;
};

}  // namespace concurrency_models
