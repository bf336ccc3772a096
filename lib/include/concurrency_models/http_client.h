#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "concurrency_models/fetch.h"
#include "concurrency_models/pending_fetch.h"
#include "concurrency_models/thread_hooks.h"

namespace concurrency_models {

struct ClientOptions {
  /// Certificate authorities in PEM; empty: those the system trusts.
  std::string ca_pem;
  /// For one whole fetch, connect to last byte, blocking and awaited alike; a year at most.
  std::chrono::nanoseconds deadline = std::chrono::seconds(30);
};

/// What two ends agreed on, in OpenSSL's names: "TLSv1.3", "X25519", "EC prime256v1".
struct TlsParameters {
  std::string version;
  std::string key_exchange;
  std::string key_type;
};

/// Makes single GET requests, each over a fresh connection: TCP without delay, TLS of at least 1.2
/// verified against the authorities and the host name, HTTP/1.1, the response read to its end.
///
/// Bounded: a header of at most 64 KiB, a body of at most 64 MiB, and of no more than the fetch
/// expects. A TLS stream that ends without close_notify is an error unless the answer's own length
/// says that it was complete. Redirects are not followed.
/// Errors of the network and of the server are results, not exceptions.
///
/// Threads: get and async_get may be called on any number of threads at once. Processes: a client
/// made before a fork works on both sides. The client keeps no connection and owns no event loop.
class HttpClient {
 public:
  static constexpr std::uint64_t body_limit = std::uint64_t{64} << 20;
  static constexpr std::uint32_t header_limit = std::uint32_t{64} << 10;

  /// Throws std::runtime_error if the certificates cannot be used.
  explicit HttpClient(const ClientOptions& options);
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Blocks the calling thread, without any event loop, until the answer is there or the deadline
  /// is over, and tells `hooks`, if there are any, whenever it does. Its awaitable twin is
  /// async_get.
  [[nodiscard]] FetchResult get(const Fetch& fetch, ThreadHooks* hooks = nullptr) const;

  /// The same exchange, suspending wherever get would block. `fetch` must outlive it.
  [[nodiscard]] boost::asio::awaitable<FetchResult> async_get(const Fetch& fetch) const;

  /// The same exchange in steps, for event loops that wait in ways of their own.
  [[nodiscard]] PendingFetch begin(const Fetch& fetch) const;

  /// Fetches with blocking calls, discards the body, and tells what TLS agreed on (empty for http).
  [[nodiscard]] FetchResult probe(const Fetch& fetch, TlsParameters& agreed) const;

  /// Fetches a short text, for instance the origin's account of its own CPU time, of at most 64
  /// KiB.
  [[nodiscard]] FetchResult get_text(const Fetch& fetch, std::string& text) const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace concurrency_models
