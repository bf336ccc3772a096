#pragma once

#include <openssl/ssl.h>

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "accepting.h"
#include "limits.h"

namespace concurrency_models::origin {

/// What is the same for all connections.
struct Service {
  std::string faults = {};  ///< the answer to origin_faults_target
  Limits limits = {};
};

/// Accepts connections on `acceptor` until the loop stops, and answers each request on them (see
/// origin_protocol.h); with TLS if `tls` is not null. All must outlive the loop's run. A connection
/// that goes beyond the service's limits is dropped. Misbehaves where a request asks for it (see
/// origin_fault.h).
void serve(boost::asio::ip::tcp::acceptor& acceptor, ConnectionCount& count, SSL_CTX* tls,
           const Service& service);

}  // namespace concurrency_models::origin
