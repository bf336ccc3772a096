#pragma once

#include <openssl/ssl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace concurrency_models::origin {

/// Accepts connections on `acceptor` until the loop stops, and answers each request on them (see
/// origin_protocol.h); with TLS if `tls` is not null, which must outlive the loop. A connection is
/// dropped if it does not bring a whole request, of at most 8 KiB, within 30 seconds, or does not
/// take an answer for as long.
void serve(boost::asio::io_context& loop, boost::asio::ip::tcp::acceptor acceptor, SSL_CTX* tls);

}  // namespace concurrency_models::origin
