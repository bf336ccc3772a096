#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "concurrency_models/endpoint.h"
#include "concurrency_models/fetch.h"
#include "file_descriptor.h"
#include "support/test_stream.h"

namespace concurrency_models {

/// A server on a free loopback port which does to each connection, one after the other, what the
/// test says.
///
/// Runs on a thread of its own, which ends with this object; whatever the script touches belongs to
/// that thread until then. A script that returns closes its connection.
class ScriptedServer {
 public:
  using Script = std::function<void(TestStream& peer)>;

  struct Options {
    /// Not null: the script gets connections whose handshake is done. Must outlive the server.
    SSL_CTX* tls = nullptr;
    bool v6 = false;
  };

  /// Throws std::system_error if the address is not to be had, for instance IPv6's.
  explicit ScriptedServer(Script script) : ScriptedServer(std::move(script), Options{}) {}
  ScriptedServer(Script script, const Options& options);
  ~ScriptedServer() { stop(); }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ScriptedServer(ScriptedServer&&) = delete;
  ScriptedServer& operator=(ScriptedServer&&) = delete;

  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }
  /// A fetch of / under the name given, from here.
  [[nodiscard]] Fetch fetch(const std::string& host) const;
  /// Connections that were accepted.
  [[nodiscard]] unsigned connections() const { return connections_; }

  /// Ends the thread, also in the middle of a script that waits for its peer.
  void stop();

 private:
  void serve();
  void serve_one(TestStream peer);

  Script script_;
  SSL_CTX* tls_;
  FileDescriptor listener_;
  Endpoint endpoint_;
  Pipe stop_;  ///< closing its write end makes its read end readable
  std::atomic<unsigned> connections_{0};
  std::thread thread_;
};

/// The header of a request, blank line included.
[[nodiscard]] std::string read_request(TestStream& peer);

/// "HTTP/1.1 200 OK" with this body and its length.
[[nodiscard]] std::string ok_answer(const std::string& body);

}  // namespace concurrency_models
