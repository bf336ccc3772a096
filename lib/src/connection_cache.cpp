#include "connection_cache.h"

#include <unistd.h>

#include <ctime>
#include <new>
#include <tuple>
#include <utility>

namespace concurrency_models {
namespace {

using Peer = ConnectionCache::Peer;

/// What differs most often comes first.
auto key(const Endpoint& endpoint, const bool& secure, const std::string& host) {
  return std::tie(host, secure, endpoint.port, endpoint.v6, endpoint.address, endpoint.scope_id);
}
auto key(const Peer& peer) { return key(peer.endpoint, peer.secure, peer.host); }
auto key(const Fetch& fetch) { return key(fetch.endpoint, fetch.url.secure, fetch.url.host); }

}  // namespace

Peer ConnectionCache::peer_of(const Fetch& fetch) {
  return {.endpoint = fetch.endpoint, .secure = fetch.url.secure, .host = fetch.url.host};
}

bool ConnectionCache::PeerOrder::operator()(const Peer& a, const Peer& b) const {
  return key(a) < key(b);
}
bool ConnectionCache::PeerOrder::operator()(const Peer& a, const Fetch& b) const {
  return key(a) < key(b);
}
bool ConnectionCache::PeerOrder::operator()(const Fetch& a, const Peer& b) const {
  return key(a) < key(b);
}

bool ConnectionCache::claim(const Kept& kept, pid_t process) {
  if (kept.shared_owner == nullptr) return kept.owner == process;
  pid_t nobody = 0;
  return kept.shared_owner->compare_exchange_strong(nobody, process, std::memory_order_relaxed);
}

std::unique_ptr<Transport> ConnectionCache::take(const Fetch& fetch) {
  if (!keeps_connections()) return nullptr;
  const pid_t process = ::getpid();
  const std::lock_guard lock(mutex_);
  const auto found = connections_.find(fetch);
  if (found == connections_.end()) return nullptr;
  auto& idle = found->second;
  while (!idle.empty()) {
    // Closing what is another process's closes this one's descriptor only.
    Kept kept = std::move(idle.back());
    idle.pop_back();
    if (claim(kept, process)) return std::move(kept.connection);
  }
  return nullptr;
}

void ConnectionCache::put(const Fetch& fetch, std::unique_ptr<Transport> connection) noexcept {
  try {
    const pid_t process = ::getpid();
    const std::lock_guard lock(mutex_);
    auto found = connections_.find(fetch);
    if (found == connections_.end()) found = connections_.try_emplace(peer_of(fetch)).first;
    found->second.push_back(
        {.connection = std::move(connection), .shared_owner = nullptr, .owner = process});
  } catch (const std::bad_alloc&) {
    // Whatever held it by then has closed it.
  }
}

SessionPointer ConnectionCache::session_for(const Fetch& fetch) const {
  if (!keeps_sessions()) return nullptr;
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(fetch);
  return SessionPointer(found == sessions_.end() ? nullptr
                                                 : ::SSL_SESSION_dup(found->second.get()));
}

void ConnectionCache::put_session(const Fetch& fetch, SessionPointer session) {
  const std::lock_guard lock(mutex_);
  sessions_.insert_or_assign(peer_of(fetch), std::move(session));
}

bool ConnectionCache::has_young_session(const Fetch& fetch) const {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(fetch);
  if (found == sessions_.end()) return false;
  const SSL_SESSION* const session = found->second.get();
  const long age = static_cast<long>(std::time(nullptr)) - ::SSL_SESSION_get_time(session);
  return age < ::SSL_SESSION_get_timeout(session) / 2;
}

ConnectionCache::Connections ConnectionCache::take_all() {
  const pid_t process = ::getpid();
  const std::lock_guard lock(mutex_);
  Connections usable;
  for (auto& [peer, idle] : connections_) {
    for (Kept& kept : idle) {
      if (!claim(kept, process) || kept.connection->has_unread()) continue;
      usable[peer].push_back(std::move(kept.connection));
    }
  }
  connections_.clear();
  return usable;
}

void ConnectionCache::put_all(Connections&& connections) {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [peer, idle] : connections) count += idle.size();
  connections_.clear();
  owners_ = SharedArray<Owner>(count);
  for (auto& [peer, idle] : connections) {
    for (auto& connection : idle) {
      connections_[peer].push_back(
          {.connection = std::move(connection), .shared_owner = &owners_[--count], .owner = 0});
    }
  }
}

}  // namespace concurrency_models
