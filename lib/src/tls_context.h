#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "concurrency_models/connection_mode.h"

namespace concurrency_models {

struct FreeTlsContext {
  void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
};
using TlsContextPointer = std::unique_ptr<SSL_CTX, FreeTlsContext>;

/// What a client's connections have in common: TLS of at least 1.2, and a server's certificate that
/// one of the authorities vouches for. `ca_pem` as in ClientOptions. With ConnectionMode::resumed,
/// a new session is given to the SessionPointer that is the connection's app data, on its thread.
/// Throws std::runtime_error if the authorities cannot be used.
[[nodiscard]] TlsContextPointer make_tls_context(const std::string& ca_pem,
                                                 ConnectionMode connection);

}  // namespace concurrency_models
