#include "concurrency_models/http_client.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "concurrency_models/origin_protocol.h"
#include "connection_cache.h"
#include "fetch_waits.h"
#include "http_exchange.h"
#include "tls_context.h"
#include "transport.h"

namespace concurrency_models {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

/// What can be added to any time of the clock, unlike the largest duration there is.
constexpr Clock::duration forever = std::chrono::hours(24 * 365);

/// The blocking driver of an exchange.
void run_blocking(HttpExchange& exchange, Clock::time_point deadline,
                  ThreadHooks* hooks = nullptr) {
  for (Need need = exchange.advance(); need != Need::nothing; need = exchange.advance()) {
    if (hooks != nullptr) hooks->before_blocking();
    const bool ready = wait_until_ready(exchange.transport().fd(), need, deadline);
    if (hooks != nullptr) hooks->after_blocking();
    if (!ready) {
      exchange.abort(Error::deadline_exceeded);
      return;
    }
  }
}

/// A fetch from the same server under the same name, as short as can be.
Fetch shortest(const Fetch& fetch) {
  Fetch shortest = fetch;
  if (fetch.expected_bytes) {
    shortest.url.target = origin_target(std::chrono::microseconds(0), 1);
    shortest.expected_bytes = 1;
  }
  return shortest;
}

}  // namespace

struct HttpClient::Impl {
  TlsContextPointer context;
  Clock::duration deadline;
  std::unique_ptr<ConnectionCache> cache;  ///< none if each fetch is a fresh one

  [[nodiscard]] SSL_CTX* context_for(const Fetch& fetch) const {
    return fetch.url.secure ? context.get() : nullptr;
  }

  /// Sessions are for TLS.
  void warm_session(const Fetch& fetch) const {
    if (!fetch.url.secure || cache->has_young_session(fetch)) return;
    const Fetch request = shortest(fetch);
    SessionPointer session;
    const auto end = Clock::now() + deadline;
    HttpExchange exchange(request, context.get(), end);
    exchange.keep_session(session);
    run_blocking(exchange, end);
    if (!exchange.result().error && session) cache->put_session(fetch, std::move(session));
  }

  /// Adds idle connections until there are `count` of them.
  void warm_connections(const Fetch& fetch, std::size_t count,
                        std::vector<std::unique_ptr<Transport>>& idle) const {
    const Fetch request = shortest(fetch);
    while (idle.size() < count) {
      const auto end = Clock::now() + deadline;
      {
        HttpExchange exchange(request, context_for(request), end, cache.get());
        run_blocking(exchange, end);
      }
      std::unique_ptr<Transport> connection = cache->take(request);
      if (!connection) return;
      idle.push_back(std::move(connection));
    }
  }
};

HttpClient::HttpClient(const ClientOptions& options)
    : impl_(std::make_unique<Impl>(
          Impl{.context = make_tls_context(options.ca_pem, options.connection),
               .deadline = std::min<Clock::duration>(options.deadline, forever),
               .cache = options.connection == ConnectionMode::fresh
                            ? nullptr
                            : std::make_unique<ConnectionCache>(options.connection)})) {}

HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

ConnectionMode HttpClient::connection() const {
  return impl_->cache ? impl_->cache->mode() : ConnectionMode::fresh;
}

std::chrono::nanoseconds HttpClient::deadline() const { return impl_->deadline; }

x509_store_st* HttpClient::authorities() const {
  return ::SSL_CTX_get_cert_store(impl_->context.get());
}

void HttpClient::warm_up(std::span<const Fetch> fetches, std::size_t at_once) const {
  if (!impl_->cache) return;
  if (impl_->cache->keeps_sessions()) {
    for (const Fetch& fetch : fetches) impl_->warm_session(fetch);
    return;
  }
  std::map<ConnectionCache::Peer, std::vector<const Fetch*>, ConnectionCache::PeerOrder> by_peer;
  for (const Fetch& fetch : fetches) by_peer[ConnectionCache::peer_of(fetch)].push_back(&fetch);
  ConnectionCache::Connections found = impl_->cache->take_all();
  ConnectionCache::Connections warm;
  for (const auto& [peer, same_peer] : by_peer) {
    const std::size_t count = std::min(at_once, same_peer.size());
    auto& idle = warm[peer] = std::move(found[peer]);
    if (idle.size() > count) idle.resize(count);
    impl_->warm_connections(*same_peer.front(), count, idle);
  }
  impl_->cache->put_all(std::move(warm));
}

FetchResult HttpClient::get(const Fetch& fetch, ThreadHooks* hooks) const {
  const auto deadline = Clock::now() + impl_->deadline;
  HttpExchange exchange(fetch, impl_->context_for(fetch), deadline, impl_->cache.get());
  run_blocking(exchange, deadline, hooks);
  return exchange.result();
}

asio::awaitable<FetchResult> HttpClient::async_get(const Fetch& fetch) const {
  PendingFetch pending = begin(fetch);
  if (pending.need() == Need::nothing) co_return pending.result();
  FetchWaits<asio::any_io_executor> waits(co_await asio::this_coro::executor, pending);
  while (pending.need() != Need::nothing) {
    const auto [failed] = co_await waits.async_wait(asio::as_tuple(asio::use_awaitable));
    waits.proceed(failed);
  }
  co_return pending.result();
}

PendingFetch HttpClient::begin(const Fetch& fetch) const {
  const auto deadline = Clock::now() + impl_->deadline;
  return {std::make_unique<HttpExchange>(fetch, impl_->context_for(fetch), deadline,
                                         impl_->cache.get()),
          deadline};
}

FetchResult HttpClient::probe(const Fetch& fetch, TlsParameters& agreed) const {
  const auto deadline = Clock::now() + impl_->deadline;
  HttpExchange exchange(fetch, impl_->context_for(fetch), deadline);
  run_blocking(exchange, deadline);
  if (!exchange.result().error) agreed = exchange.tls_parameters();
  return exchange.result();
}

FetchResult HttpClient::get_text(const Fetch& fetch, std::string& text) const {
  const auto deadline = Clock::now() + impl_->deadline;
  HttpExchange exchange(fetch, impl_->context_for(fetch), deadline);
  exchange.keep_body(text);
  run_blocking(exchange, deadline);
  return exchange.result();
}

}  // namespace concurrency_models
