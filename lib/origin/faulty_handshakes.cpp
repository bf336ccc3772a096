#include "faulty_handshakes.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "concurrency_models/origin_fault.h"

namespace concurrency_models::origin {
namespace {

namespace asio = boost::asio;

/// A whole ServerHello as a server makes it that knows no extensions: written by hand, because
/// OpenSSL, which does know them, would refuse the client instead of answering it.
std::string server_hello(char minor_version) {
  constexpr std::string_view ecdhe_ecdsa_with_aes_128_cbc_sha = "\xC0\x09";
  constexpr char handshake_record = 0x16;
  constexpr char server_hello_message = 0x02;
  std::string message = {0x03, minor_version};
  message.append(32, 'r');  // the random
  message += '\0';          // no session
  message += ecdhe_ecdsa_with_aes_128_cbc_sha;
  message += '\0';  // no compression
  const auto size = [](std::size_t bytes) { return static_cast<char>(bytes); };
  return std::string{handshake_record, 0x03, minor_version, 0, size(message.size() + 4)} +
         std::string{server_hello_message, 0, 0, size(message.size())} + message;
}

/// Past the lengths of record and message.
std::string half_server_hello() { return server_hello(0x03).substr(0, 20); }

// What is sent are named strings: gcc 12 loses its way in a coroutine that makes them in a
// condition.

asio::awaitable<void> stall_in_hello(ServerStream& stream) {
  const std::string hello = half_server_hello();
  const bool sent = co_await stream.write_raw(hello);
  if (!sent) co_return;
  co_await stream.wait_for_peer_to_leave();
}

asio::awaitable<void> reset_in_hello(ServerStream& stream) {
  const std::string hello = half_server_hello();
  static_cast<void>(co_await stream.write_raw(hello));
  stream.reset();
}

asio::awaitable<void> close_in_hello(ServerStream& stream) {
  const std::string hello = half_server_hello();
  const bool sent = co_await stream.write_raw(hello);
  if (!sent) co_return;
  co_await stream.close();
}

asio::awaitable<void> answer_in_old_tls(ServerStream& stream, char minor_version) {
  const std::string hello = server_hello(minor_version);
  const bool sent = co_await stream.write_raw(hello);
  if (!sent) co_return;
  co_await stream.wait_for_peer_to_leave();
}

asio::awaitable<void> answer_in_tls_1_0(ServerStream& stream) {
  return answer_in_old_tls(stream, 0x01);
}

asio::awaitable<void> answer_in_tls_1_1(ServerStream& stream) {
  return answer_in_old_tls(stream, 0x02);
}

asio::awaitable<void> answer_in_http(ServerStream& stream) {
  const std::string answer = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
  const bool sent = co_await stream.write_raw(answer);
  if (!sent) co_return;
  co_await stream.close();
}

struct Named {
  std::string_view name;
  FaultyHandshake fault;
};

constexpr Named faulty_handshakes[] = {
    {"stall_in_handshake", stall_in_hello}, {"reset_in_handshake", reset_in_hello},
    {"close_in_handshake", close_in_hello}, {"tls_1_0_only", answer_in_tls_1_0},
    {"tls_1_1_only", answer_in_tls_1_1},    {"no_tls", answer_in_http},
};

/// The host the client names (RFC 6066, 3): a list's length, then for each name its type (0: a
/// host), its length and itself. There is never more than one.
std::optional<std::string_view> server_name(SSL* ssl) {
  constexpr std::size_t before_name = 5;
  const unsigned char* data = nullptr;
  std::size_t size = 0;
  if (::SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &data, &size) != 1 ||
      size < before_name || data[2] != TLSEXT_NAMETYPE_host_name) {
    return std::nullopt;
  }
  const std::string_view rest(reinterpret_cast<const char*>(data) + before_name,
                              size - before_name);
  const std::size_t length = std::size_t{data[3]} << 8U | data[4];
  return rest.substr(0, length);
}

int on_client_hello(SSL* ssl, int* alert, void* argument) {
  const auto& certificates = static_cast<const ServerTls*>(argument)->faulty;
  auto name = server_name(ssl);
  if (!name || !name->ends_with(origin_fault_domain)) return SSL_CLIENT_HELLO_SUCCESS;
  name->remove_suffix(origin_fault_domain.size());
  if (const auto found = certificates.find(*name); found != certificates.end()) {
    const CertifiedKey& shown = found->second;
    const bool done =
        ::SSL_use_cert_and_key(ssl, shown.certificate.get(), shown.key.get(), nullptr, 1) == 1;
    return done ? SSL_CLIENT_HELLO_SUCCESS : SSL_CLIENT_HELLO_ERROR;
  }
  const auto* const found = std::find_if(std::begin(faulty_handshakes), std::end(faulty_handshakes),
                                         [&](const Named& each) { return each.name == *name; });
  if (found == std::end(faulty_handshakes)) {
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_CLIENT_HELLO_ERROR;
  }
  SSL_set_app_data(ssl, const_cast<Named*>(found));  // NOLINT: kept by OpenSSL, never changed
  return SSL_CLIENT_HELLO_RETRY;  // hands the connection back before anything was answered
}

}  // namespace

void take_requests_for_faulty_handshakes(const ServerTls& tls) {
  // OpenSSL's callbacks take a pointer to anything; this one only reads.
  ::SSL_CTX_set_client_hello_cb(tls.context.get(), on_client_hello,
                                const_cast<ServerTls*>(&tls));  // NOLINT
}

FaultyHandshake requested_fault(const SSL* ssl) {
  const auto* const requested = static_cast<const Named*>(SSL_get_app_data(ssl));
  return requested == nullptr ? nullptr : requested->fault;
}

}  // namespace concurrency_models::origin
