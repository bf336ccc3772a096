#include "certificates.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <stdexcept>
#include <utility>

#include "concurrency_models/origin_fault.h"

namespace concurrency_models::origin {
namespace {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::shared_ptr<EVP_PKEY>;
using Certificate = std::unique_ptr<X509, FreeCertificate>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<::X509_EXTENSION_free>>;
using Bio = std::unique_ptr<BIO, Freer<::BIO_free_all>>;
using BigNumber = std::unique_ptr<BIGNUM, Freer<::BN_free>>;

void check(bool done, const char* what) {
  if (done) return;
  const char* const reason = ::ERR_reason_error_string(::ERR_get_error());
  throw std::runtime_error(std::string("cannot ") + what + ": " +
                           (reason != nullptr ? reason : "OpenSSL does not say why"));
}

Key make_key() {
  Key key(::EVP_EC_gen("P-256"), FreeKey());
  check(key != nullptr, "make a key");
  return key;
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  ::X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(::X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  check(extension && ::X509_add_ext(certificate, extension.get(), -1) == 1, "extend a certificate");
}

constexpr long hour = 3600;
constexpr long day = 24 * hour;

/// In seconds from now.
struct Validity {
  long from = -hour;  ///< for clocks that differ
  long to = 30 * day;
};

/// Not yet signed.
Certificate make_certificate(EVP_PKEY* key, const char* common_name, const Validity& validity) {
  Certificate certificate(::X509_new());
  check(certificate != nullptr, "make a certificate");
  ::X509_set_version(certificate.get(), X509_VERSION_3);
  const BigNumber serial(::BN_new());
  check(serial && ::BN_rand(serial.get(), 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
            ::BN_to_ASN1_INTEGER(serial.get(), ::X509_get_serialNumber(certificate.get())),
        "number a certificate");
  ::X509_gmtime_adj(::X509_getm_notBefore(certificate.get()), validity.from);
  ::X509_gmtime_adj(::X509_getm_notAfter(certificate.get()), validity.to);
  ::X509_NAME_add_entry_by_txt(::X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0);
  check(::X509_set_pubkey(certificate.get(), key) == 1, "give a certificate its key");
  return certificate;
}

void sign(X509* certificate, EVP_PKEY* key) {
  check(::X509_sign(certificate, key, ::EVP_sha256()) > 0, "sign a certificate");
}

std::string to_pem(X509* certificate) {
  const Bio memory(::BIO_new(::BIO_s_mem()));
  check(memory && ::PEM_write_bio_X509(memory.get(), certificate) == 1, "write a certificate");
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string alternative_names(const std::vector<std::string>& host_names) {
  std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";
  for (const std::string& name : host_names) names += ",DNS:" + name;
  return names;
}

CertifiedKey make_authority() {
  CertifiedKey ca{.key = make_key(), .certificate = {}};
  ca.certificate = make_certificate(ca.key.get(), "concurrency_models origin CA", {});
  X509* const certificate = ca.certificate.get();
  check(::X509_set_issuer_name(certificate, ::X509_get_subject_name(certificate)) == 1,
        "name the CA");
  add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(certificate, certificate, NID_subject_key_identifier, "hash");
  sign(certificate, ca.key.get());
  return ca;
}

/// What an end's certificate says.
struct EndEntity {
  std::string alternative_names = {};
  Validity validity = {};
  const char* usage = "serverAuth";
};

CertifiedKey certify(const Key& key, const CertifiedKey& ca, const EndEntity& end) {
  Certificate certificate = make_certificate(key.get(), "concurrency_models origin", end.validity);
  X509* const issuer = ca.certificate.get();
  check(::X509_set_issuer_name(certificate.get(), ::X509_get_subject_name(issuer)) == 1,
        "name the issuer");
  add_extension(certificate.get(), issuer, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate.get(), issuer, NID_key_usage, "critical,digitalSignature");
  add_extension(certificate.get(), issuer, NID_ext_key_usage, end.usage);
  add_extension(certificate.get(), issuer, NID_authority_key_identifier, "keyid");
  add_extension(certificate.get(), issuer, NID_subject_alt_name, end.alternative_names);
  sign(certificate.get(), ca.key.get());
  return {.key = key, .certificate = std::move(certificate)};
}

CertifiedKey sign_itself(const Key& key, const std::string& names) {
  Certificate certificate = make_certificate(key.get(), "concurrency_models origin", {});
  X509* const self = certificate.get();
  check(::X509_set_issuer_name(self, ::X509_get_subject_name(self)) == 1, "name the issuer");
  add_extension(self, self, NID_subject_alt_name, names);
  sign(self, key.get());
  return {.key = key, .certificate = std::move(certificate)};
}

/// But for what it is about each is right, its host's name included.
auto make_faulty_certificates(const Key& key, const CertifiedKey& ca) {
  decltype(ServerTls::faulty) faulty;
  const auto names = [](const std::string& fault) {
    return "DNS:" + fault + std::string(origin_fault_domain);
  };
  const auto add = [&](const std::string& fault, const CertifiedKey& issuer, EndEntity end) {
    if (end.alternative_names.empty()) end.alternative_names = names(fault);
    faulty.emplace(fault, certify(key, issuer, end));
  };
  add("certificate_expired", ca, {.validity = {.from = -30 * day, .to = -day}});
  add("certificate_not_yet_valid", ca, {.validity = {.from = day, .to = 30 * day}});
  add("certificate_for_another_name", ca, {.alternative_names = "DNS:another.origin.test"});
  add("certificate_from_another_ca", make_authority(), {});
  add("certificate_for_clients", ca, {.usage = "clientAuth"});
  const std::string self_signed = "certificate_self_signed";
  faulty.emplace(self_signed, sign_itself(key, names(self_signed)));
  return faulty;
}

}  // namespace

ServerTls make_server_tls(const std::vector<std::string>& host_names, bool session_tickets) {
  const CertifiedKey ca = make_authority();
  const Key key = make_key();
  const CertifiedKey own = certify(key, ca, {.alternative_names = alternative_names(host_names)});

  ServerTls tls;
  tls.context.reset(::SSL_CTX_new(::TLS_server_method()));
  SSL_CTX* const context = tls.context.get();
  check(context != nullptr, "make a TLS context");
  ::SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  check(SSL_CTX_set1_groups_list(context, "X25519:P-256") == 1, "choose key exchanges");
  ::SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  ::SSL_CTX_set_num_tickets(context, session_tickets ? 1 : 0);
  ::SSL_CTX_set_options(context,
                        SSL_OP_IGNORE_UNEXPECTED_EOF | (session_tickets ? 0 : SSL_OP_NO_TICKET));
  ::SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  ::SSL_CTX_set_read_ahead(context, 1);
  check(::SSL_CTX_use_certificate(context, own.certificate.get()) == 1 &&
            ::SSL_CTX_use_PrivateKey(context, key.get()) == 1,
        "use a certificate");
  tls.ca_pem = to_pem(ca.certificate.get());
  tls.faulty = make_faulty_certificates(key, ca);
  return tls;
}

}  // namespace concurrency_models::origin
