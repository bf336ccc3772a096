#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace concurrency_models {

struct FreeTestContext {
  void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
};
using TestContext = std::unique_ptr<SSL_CTX, FreeTestContext>;

/// A certificate authority in memory, which signs whatever a test wants to present.
class TestAuthority {
 public:
  enum class Key { ec, ec_p384, rsa, rsa_pss, ed25519, ed448 };

  struct Certificate {
    std::string names;  ///< as OpenSSL has them: "DNS:one.test,IP:127.0.0.1"
    bool expired = false;
    Key key = Key::ec;
  };

  explicit TestAuthority(const std::string& name);

  [[nodiscard]] const std::string& pem() const { return pem_; }

  /// A server's settings, with a fresh key, OpenSSL's defaults otherwise: sessions may be resumed.
  [[nodiscard]] TestContext server(const Certificate& wanted) const;

 private:
  struct FreeKey {
    void operator()(EVP_PKEY* key) const { ::EVP_PKEY_free(key); }
  };
  struct FreeX509 {
    void operator()(X509* certificate) const { ::X509_free(certificate); }
  };
  using KeyPointer = std::unique_ptr<EVP_PKEY, FreeKey>;
  using X509Pointer = std::unique_ptr<X509, FreeX509>;

  [[nodiscard]] static KeyPointer make_key(Key kind);
  [[nodiscard]] static X509Pointer make_certificate(EVP_PKEY* key, const std::string& name);

  KeyPointer key_;
  X509Pointer certificate_;
  std::string pem_;
};

/// A client's settings that verify nothing, for tests that look at the server.
[[nodiscard]] TestContext trusting_client();

/// A client's settings that accept what these authorities (PEM) signed and nothing else. Which name
/// the certificate must be for is the connection's affair.
[[nodiscard]] TestContext verifying_client(const std::string& ca_pem);

/// TLS 1.1 and nothing newer, in spite of OpenSSL's security levels, which forbid it by default.
void allow_only_tls_1_1(SSL_CTX* context);

/// A configuration for OPENSSL_CONF under which OpenSSL's defaults would allow TLS 1.1: a program
/// that still refuses it does so by itself.
[[nodiscard]] const std::string& lax_openssl_configuration();

}  // namespace concurrency_models
