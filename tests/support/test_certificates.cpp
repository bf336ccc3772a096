#include "support/test_certificates.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace concurrency_models {
namespace {

void check(bool done) {
  if (!done) throw std::runtime_error("OpenSSL cannot make a certificate for a test");
}

void extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  ::X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = ::X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  check(extension != nullptr);
  const int added = ::X509_add_ext(certificate, extension, -1);
  ::X509_EXTENSION_free(extension);
  check(added == 1);
}

/// What EVP_RSA_gen is for plain RSA.
EVP_PKEY* generate_rsa_pss(unsigned bits) {
  EVP_PKEY_CTX* const context = ::EVP_PKEY_CTX_new_from_name(nullptr, "RSA-PSS", nullptr);
  check(context != nullptr);
  EVP_PKEY* key = nullptr;
  const bool made = ::EVP_PKEY_keygen_init(context) == 1 &&
                    ::EVP_PKEY_CTX_set_rsa_keygen_bits(context, static_cast<int>(bits)) == 1 &&
                    ::EVP_PKEY_generate(context, &key) == 1;
  ::EVP_PKEY_CTX_free(context);
  check(made);
  return key;
}

}  // namespace

TestAuthority::KeyPointer TestAuthority::make_key(Key kind) {
  constexpr unsigned rsa_bits = 2048;
  const auto generate = [kind]() -> EVP_PKEY* {
    switch (kind) {
      case Key::ec_p384:
        return EVP_EC_gen("P-384");
      case Key::rsa:
        return EVP_RSA_gen(rsa_bits);
      case Key::rsa_pss:
        return generate_rsa_pss(rsa_bits);
      case Key::ed25519:
        return ::EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
      case Key::ed448:
        return ::EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448");
      default:
        return EVP_EC_gen("P-256");
    }
  };
  KeyPointer key(generate());
  check(key != nullptr);
  return key;
}

TestAuthority::X509Pointer TestAuthority::make_certificate(EVP_PKEY* key, const std::string& name) {
  constexpr long hour = 3600;
  static long serial = 0;
  X509Pointer certificate(::X509_new());
  check(certificate != nullptr);
  ::X509_set_version(certificate.get(), X509_VERSION_3);
  ::ASN1_INTEGER_set(::X509_get_serialNumber(certificate.get()), ++serial);
  ::X509_gmtime_adj(::X509_getm_notBefore(certificate.get()), -2 * hour);
  ::X509_gmtime_adj(::X509_getm_notAfter(certificate.get()), hour);
  ::X509_NAME_add_entry_by_txt(::X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  check(::X509_set_pubkey(certificate.get(), key) == 1);
  return certificate;
}

TestAuthority::TestAuthority(const std::string& name)
    : key_(make_key(Key::ec)), certificate_(make_certificate(key_.get(), name)) {
  X509* const own = certificate_.get();
  ::X509_set_issuer_name(own, ::X509_get_subject_name(own));
  extend(own, own, NID_basic_constraints, "critical,CA:TRUE");
  extend(own, own, NID_key_usage, "critical,keyCertSign");
  check(::X509_sign(own, key_.get(), ::EVP_sha256()) > 0);
  BIO* const memory = ::BIO_new(::BIO_s_mem());
  check(memory != nullptr && ::PEM_write_bio_X509(memory, own) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  pem_.assign(data, static_cast<std::size_t>(size));
  ::BIO_free(memory);
}

TestContext TestAuthority::server(const Certificate& wanted) const {
  const KeyPointer key = make_key(wanted.key);
  const X509Pointer certificate = make_certificate(key.get(), "a server in a test");
  if (wanted.expired) ::X509_gmtime_adj(::X509_getm_notAfter(certificate.get()), -60);
  ::X509_set_issuer_name(certificate.get(), ::X509_get_subject_name(certificate_.get()));
  if (!wanted.names.empty()) {
    extend(certificate.get(), certificate_.get(), NID_subject_alt_name, wanted.names);
  }
  check(::X509_sign(certificate.get(), key_.get(), ::EVP_sha256()) > 0);

  TestContext context(::SSL_CTX_new(::TLS_server_method()));
  check(context != nullptr && ::SSL_CTX_use_certificate(context.get(), certificate.get()) == 1 &&
        ::SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1);
  return context;
}

TestContext trusting_client() {
  TestContext context(::SSL_CTX_new(::TLS_client_method()));
  check(context != nullptr);
  ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  return context;
}

TestContext verifying_client(const std::string& ca_pem) {
  TestContext context(::SSL_CTX_new(::TLS_client_method()));
  BIO* const memory = ::BIO_new_mem_buf(ca_pem.data(), static_cast<int>(ca_pem.size()));
  check(context != nullptr && memory != nullptr);
  X509* const authority = ::PEM_read_bio_X509(memory, nullptr, nullptr, nullptr);
  ::BIO_free(memory);
  check(authority != nullptr);
  const int added = ::X509_STORE_add_cert(::SSL_CTX_get_cert_store(context.get()), authority);
  ::X509_free(authority);
  check(added == 1);
  ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  return context;
}

void allow_only_tls_1_1(SSL_CTX* context) {
  check(::SSL_CTX_set_min_proto_version(context, TLS1_1_VERSION) == 1 &&
        ::SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION) == 1 &&
        ::SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0") == 1);
}

const std::string& lax_openssl_configuration() {
  static const std::string text =
      "openssl_conf = all\n"
      "[all]\n"
      "ssl_conf = tls\n"
      "[tls]\n"
      "system_default = lax\n"
      "[lax]\n"
      "MinProtocol = TLSv1\n"
      "CipherString = ALL:@SECLEVEL=0\n";
  return text;
}

}  // namespace concurrency_models
