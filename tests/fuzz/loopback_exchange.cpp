#include "fuzz/loopback_exchange.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>

#include "file_descriptor.h"
#include "fuzz/require.h"
#include "http_exchange.h"
#include "support/listener.h"

namespace concurrency_models::fuzz {
namespace {

#if defined(MSG_NOSIGNAL)
constexpr int send_flags = MSG_NOSIGNAL;
#else
constexpr int send_flags = 0;
#endif

/// Loopback delivers at once; only what is broken lets this run out.
constexpr std::chrono::milliseconds watchdog = std::chrono::seconds(60);

void wait_for(int fd, short events, std::string_view property) {
  pollfd wanted{.fd = fd, .events = events, .revents = 0};
  int ready = 0;
  while ((ready = ::poll(&wanted, 1, static_cast<int>(watchdog.count()))) < 0 && errno == EINTR) {
  }
  require(ready > 0, property);
}

/// The server's end of one connection, which it ends by a reset: a connection that is closed in
/// good order keeps its client's port for a minute, and there would soon be none left.
class Peer {
 public:
  explicit Peer(int listener) {
    wait_for(listener, POLLIN, "a client connects");
    socket_ = FileDescriptor(::accept(listener, nullptr, nullptr));
    if (socket_.get() < 0) throw std::system_error(errno, std::generic_category(), "accept");
    set_non_blocking(socket_.get());
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }

  [[nodiscard]] std::string read_request() const {
    std::string request;
    while (request.find("\r\n\r\n") == std::string::npos) {
      wait_for(socket_.get(), POLLIN, "a client sends a whole request");
      std::array<char, 4096> buffer{};
      const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
      require(got > 0, "a client sends a whole request", request);
      request.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return request;
  }

  /// How much of `data` the connection took.
  [[nodiscard]] std::size_t send(std::string_view data) const {
    const ssize_t sent = ::send(socket_.get(), data.data(), data.size(), send_flags);
    return sent > 0 ? static_cast<std::size_t>(sent) : 0;
  }

  void end_sending() const { ::shutdown(socket_.get(), SHUT_WR); }

 private:
  FileDescriptor socket_;
};

/// Lets the client read what it was sent.
[[nodiscard]] Need read_all(HttpExchange& exchange) {
  wait_for(exchange.transport().fd(), POLLIN, "what is sent arrives");
  return exchange.advance();
}

}  // namespace

Exchange exchange_over_loopback(const Url& url, std::optional<std::uint64_t> expected_bytes,
                                const std::vector<std::string_view>& parts, Keep keep) {
  static const FileDescriptor listener = listen_on(loopback(0));
  static const Endpoint endpoint = bound_to(listener.get());

  Exchange exchanged;
  const Fetch fetch{.url = url, .endpoint = endpoint, .expected_bytes = expected_bytes};
  HttpExchange exchange(fetch, nullptr, std::chrono::steady_clock::now() + watchdog);
  if (keep == Keep::body) exchange.keep_body(exchanged.body);
  Need need = exchange.advance();
  // Goes before the exchange does, so that the client need not linger.
  const Peer peer(listener.get());
  while (need == Need::writable) {
    wait_for(exchange.transport().fd(), POLLOUT, "a client gets to send");
    need = exchange.advance();
  }
  require(need == Need::readable, "a client waits for its answer", exchange.result().error.text());
  exchanged.request = peer.read_request();

  for (std::string_view part : parts) {
    while (!part.empty() && need == Need::readable) {
      part.remove_prefix(peer.send(part));
      need = read_all(exchange);
    }
  }
  if (need == Need::readable) {
    peer.end_sending();
    need = read_all(exchange);
  }
  require(need == Need::nothing, "an answer that has ended ends the exchange");
  exchanged.result = exchange.result();
  return exchanged;
}

}  // namespace concurrency_models::fuzz
