#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "concurrency_models/connection_mode.h"
#include "concurrency_models/fetch.h"
#include "concurrency_models/pending_fetch.h"
#include "concurrency_models/thread_hooks.h"

struct x509_store_st;  // OpenSSL's X509_STORE

namespace concurrency_models {

struct ClientOptions {
  /// Certificate authorities in PEM; empty: those the system trusts.
  std::string ca_pem;
  /// For one whole fetch, connect to last byte, blocking and awaited alike; a year at most.
  std::chrono::nanoseconds deadline = std::chrono::seconds(30);
  /// What fetches may have from those before them, once the client was warmed up.
  ConnectionMode connection = ConnectionMode::fresh;
};

/// What two ends agreed on, in OpenSSL's names: "TLSv1.3", "X25519", "EC prime256v1".
struct TlsParameters {
  std::string version;
  std::string key_exchange;
  std::string key_type;
};

/// Makes single GET requests, each over a fresh connection unless told otherwise: TCP without
/// delay, TLS of at least 1.2 verified against the authorities and the host name, HTTP/1.1, the
/// response read to its end.
///
/// Bounded: a header of at most 64 KiB, a body of at most 64 MiB, and of no more than the fetch
/// expects. A TLS stream that ends without close_notify is an error unless the answer's own length
/// says that it was complete. Redirects are not followed.
/// Errors of the network and of the server are results, not exceptions.
///
/// With ConnectionMode::resumed, a fetch resumes the session that warm_up left for its server and
/// host name. With ConnectionMode::keepalive it takes an idle connection to them, and leaves it, or
/// the one it had to open, for the next one if the server agrees. Without a session or an idle
/// connection the fetch is a fresh one: FetchResult::reused tells. A kept connection that turns out
/// to be closed is an error, Error::kept_connection_closed, and so is one over which something came
/// unasked, Error::unasked_answer; neither is made up for by another one in silence.
///
/// Threads: get and async_get may be called on any number of threads at once. Processes: a client
/// made before a fork works on both sides; sessions serve both, and an idle connection whichever
/// process takes it first, which then has it for itself. The client owns no event loop.
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

  [[nodiscard]] ConnectionMode connection() const;
  /// For one whole fetch.
  [[nodiscard]] std::chrono::nanoseconds deadline() const;
  /// The authorities it trusts, read already: for other clients that are to trust the same. Belongs
  /// to this one.
  [[nodiscard]] x509_store_st* authorities() const;

  /// Makes sure that there is what these fetches are to reuse: for each server and host name a
  /// young session; or as many idle connections as they name it, but no more than `at_once`, and no
  /// others. Blocks, and does nothing that need not be done. What cannot be had, the fetches will
  /// tell.
  ///
  /// Of an origin it asks the shortest answer there is, of other servers what the fetches ask. To
  /// be called before each measurement, with no fetch under way: connections that forked processes
  /// took are replaced by then.
  void warm_up(std::span<const Fetch> fetches, std::size_t at_once) const;

  /// Blocks the calling thread, without any event loop, until the answer is there or the deadline
  /// is over, and tells `hooks`, if there are any, whenever it does. Its awaitable twin is
  /// async_get.
  [[nodiscard]] FetchResult get(const Fetch& fetch, ThreadHooks* hooks = nullptr) const;

  /// The same exchange, suspending wherever get would block. `fetch` must outlive it.
  [[nodiscard]] boost::asio::awaitable<FetchResult> async_get(const Fetch& fetch) const;

  /// The same exchange in steps, for event loops that wait in ways of their own.
  [[nodiscard]] PendingFetch begin(const Fetch& fetch) const;

  /// Fetches over a fresh connection with blocking calls, discards the body, and tells what TLS
  /// agreed on (empty for http).
  [[nodiscard]] FetchResult probe(const Fetch& fetch, TlsParameters& agreed) const;

  /// Fetches over a fresh connection a short text, for instance the origin's account of its own CPU
  /// time, of at most 64 KiB.
  [[nodiscard]] FetchResult get_text(const Fetch& fetch, std::string& text) const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace concurrency_models
