#include "tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstddef>
#include <stdexcept>

#include "connection_cache.h"
#include "tls_library.h"

namespace concurrency_models {
namespace {

struct FreeBio {
  void operator()(BIO* bio) const { ::BIO_free(bio); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const { ::X509_free(certificate); }
};

void trust(SSL_CTX* context, const std::string& ca_pem) {
  if (ca_pem.empty()) {
    if (::SSL_CTX_set_default_verify_paths(context) != 1) {
      throw std::runtime_error("cannot load the system's certificate authorities");
    }
    return;
  }
  const std::unique_ptr<BIO, FreeBio> source(
      ::BIO_new_mem_buf(ca_pem.data(), static_cast<int>(ca_pem.size())));
  std::size_t count = 0;
  while (true) {
    const std::unique_ptr<X509, FreeCertificate> certificate(
        ::PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr));
    if (!certificate) break;
    if (::X509_STORE_add_cert(::SSL_CTX_get_cert_store(context), certificate.get()) != 1) {
      throw std::runtime_error("a certificate authority cannot be used");
    }
    // Reads its extensions, once for all. A handshake that had no memory for it would have it pass
    // for invalid ever after.
    static_cast<void>(::X509_check_purpose(certificate.get(), -1, 0));
    ++count;
  }
  // The loop ends on "no more PEM", or on something that is PEM and no certificate.
  const unsigned long error = ::ERR_peek_last_error();
  ::ERR_clear_error();
  if (count == 0 || ERR_GET_REASON(error) != PEM_R_NO_START_LINE) {
    throw std::runtime_error("not a certificate in PEM form");
  }
}

/// Called on the thread of the connection. Takes over the session if it says so.
int on_new_session(SSL* ssl, SSL_SESSION* session) {
  auto* const wanted = static_cast<SessionPointer*>(SSL_get_app_data(ssl));
  if (wanted == nullptr) return 0;
  wanted->reset(session);
  return 1;
}

}  // namespace

TlsContextPointer make_tls_context(const std::string& ca_pem, ConnectionMode connection) {
  TlsContextPointer context(::SSL_CTX_new_ex(tls_library(), nullptr, ::TLS_client_method()));
  if (!context) throw std::runtime_error("OpenSSL cannot make a TLS context");
  ::SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (connection == ConnectionMode::resumed) {
    ::SSL_CTX_set_session_cache_mode(context.get(),
                                     SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    ::SSL_CTX_sess_set_new_cb(context.get(), on_new_session);
  } else {
    ::SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  }
  ::SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // One recv for a record instead of one for its header and one for the rest.
  ::SSL_CTX_set_read_ahead(context.get(), 1);
  trust(context.get(), ca_pem);
  return context;
}

}  // namespace concurrency_models
