#pragma once

#include <openssl/ssl.h>

#include <boost/asio/awaitable.hpp>

#include "certificates.h"
#include "server_stream.h"

namespace concurrency_models::origin {

/// Looks, from now on, whether clients of `tls` ask for a fault by the server's name: shows them
/// the certificate that it is about, or breaks the handshake off. `tls` must outlive its
/// connections. Names in the faults' domain that are no faults are refused.
void take_requests_for_faulty_handshakes(const ServerTls& tls);

/// What is to be done with a connection instead of the handshake that just broke off.
using FaultyHandshake = boost::asio::awaitable<void> (*)(ServerStream& stream);
/// Null: that handshake failed by itself.
[[nodiscard]] FaultyHandshake requested_fault(const SSL* ssl);

}  // namespace concurrency_models::origin
