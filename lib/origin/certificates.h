#pragma once

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace concurrency_models::origin {

struct FreeContext {
  void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
};

struct FreeKey {
  void operator()(EVP_PKEY* key) const { ::EVP_PKEY_free(key); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const { ::X509_free(certificate); }
};

struct CertifiedKey {
  std::shared_ptr<EVP_PKEY> key;
  std::unique_ptr<X509, FreeCertificate> certificate;
};

/// A server's TLS settings with a certificate made for the occasion, and the authority's own.
struct ServerTls {
  std::unique_ptr<SSL_CTX, FreeContext> context;
  std::string ca_pem;
  /// Certificates that no client should take, by the name of the fault (see origin_fault.h) that
  /// asks for it.
  std::map<std::string, CertifiedKey, std::less<>> faulty;
};

/// Makes a certificate authority and, signed by it, a certificate for `host_names` and this
/// machine's loopback names, all with ECDSA P-256 keys that exist in this process's memory only.
/// TLS 1.2 or later, X25519 preferred. Without `session_tickets` every handshake is a full one;
/// with them each hands out one ticket, by which later ones may be resumed, any number of times.
/// Throws std::runtime_error if OpenSSL cannot.
[[nodiscard]] ServerTls make_server_tls(const std::vector<std::string>& host_names,
                                        bool session_tickets);

}  // namespace concurrency_models::origin
