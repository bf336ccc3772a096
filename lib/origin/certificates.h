#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

namespace concurrency_models::origin {

struct FreeContext {
  void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
};

/// A server's TLS settings with a certificate made for the occasion, and the authority's own.
struct ServerTls {
  std::unique_ptr<SSL_CTX, FreeContext> context;
  std::string ca_pem;
};

/// Makes a certificate authority and, signed by it, a certificate for `host_names` and this
/// machine's loopback names, all with ECDSA P-256 keys that exist in this process's memory only.
/// TLS 1.2 or later, X25519 preferred, no session tickets: every handshake is a full one. Throws
/// std::runtime_error if OpenSSL cannot.
[[nodiscard]] ServerTls make_server_tls(const std::vector<std::string>& host_names);

}  // namespace concurrency_models::origin
