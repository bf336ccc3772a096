#pragma once

#include <openssl/ssl.h>
#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "concurrency_models/connection_mode.h"
#include "concurrency_models/fetch.h"
#include "concurrency_models/shared_array.h"
#include "transport.h"

namespace concurrency_models {

struct FreeSession {
  void operator()(SSL_SESSION* session) const { ::SSL_SESSION_free(session); }
};
using SessionPointer = std::unique_ptr<SSL_SESSION, FreeSession>;

/// What fetches leave behind for later ones to the same server and host name: TLS sessions, or idle
/// connections.
///
/// Threads: any number at once. Processes: what was warmed before a fork is there on both sides. A
/// session serves both; a connection whoever takes it first, for TLS's state is in that process's
/// memory from then on, and what a process puts back is its own. The last connection put back is
/// the first to be taken, so that no more of them are in use than are needed at once.
class ConnectionCache {
 public:
  /// Whom a connection leads to. The certificate was verified for this name only.
  struct Peer {
    Endpoint endpoint;
    bool secure = false;
    std::string host;
  };
  [[nodiscard]] static Peer peer_of(const Fetch& fetch);
  struct PeerOrder;
  using Connections = std::map<Peer, std::vector<std::unique_ptr<Transport>>, PeerOrder>;

  explicit ConnectionCache(ConnectionMode mode) : mode_(mode) {}

  [[nodiscard]] ConnectionMode mode() const { return mode_; }
  [[nodiscard]] bool keeps_connections() const { return mode_ == ConnectionMode::keepalive; }
  [[nodiscard]] bool keeps_sessions() const { return mode_ == ConnectionMode::resumed; }

  /// An idle connection that is the caller's from now on; null: there is none.
  [[nodiscard]] std::unique_ptr<Transport> take(const Fetch& fetch);
  /// Where memory runs out the connection is closed instead.
  void put(const Fetch& fetch, std::unique_ptr<Transport> connection) noexcept;

  /// A copy: OpenSSL changes what a connection uses. Null: there is none.
  [[nodiscard]] SessionPointer session_for(const Fetch& fetch) const;
  void put_session(const Fetch& fetch, SessionPointer session);
  /// There is one, and it has most of its time before it.
  [[nodiscard]] bool has_young_session(const Fetch& fetch) const;

  /// For warming, while no fetch is under way: all idle connections that this process may still
  /// use. What others took, or the server closed, is let go.
  [[nodiscard]] Connections take_all();
  /// Makes them the only ones, for this process and those that it forks from now on.
  void put_all(Connections&& connections);

  /// Orders peers, and fetches among them without making a peer of each.
  struct PeerOrder {
    // NOLINTNEXTLINE(readability-identifier-naming): the library's name
    using is_transparent = void;
    bool operator()(const Peer& a, const Peer& b) const;
    bool operator()(const Peer& a, const Fetch& b) const;
    bool operator()(const Fetch& a, const Peer& b) const;
  };

 private:
  /// Number of the process that took a connection; 0: nobody yet.
  using Owner = std::atomic<pid_t>;

  struct Kept {
    std::unique_ptr<Transport> connection;
    Owner* shared_owner = nullptr;  ///< of a warmed one, in memory that forked processes share
    pid_t owner = 0;                ///< of any other
  };

  [[nodiscard]] static bool claim(const Kept& kept, pid_t process);

  const ConnectionMode mode_;
  mutable std::mutex mutex_;
  std::map<Peer, std::vector<Kept>, PeerOrder> connections_;
  SharedArray<Owner> owners_;
  std::map<Peer, SessionPointer, PeerOrder> sessions_;
};

}  // namespace concurrency_models
