// To read a public key, OpenSSL 3.0 and 3.1 copy the list of all algorithms that were ever looked
// up and ask every decoder of every provider whether it can: for each certificate. How long that
// takes depends on how many there are. See docs/performance.md.
#include "tls_library.h"

#include <openssl/conf.h>
#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "tls_context.h"

namespace concurrency_models {
namespace {

/// As core_dispatch.h has them: ended by one without a name.
using Algorithms = std::vector<OSSL_ALGORITHM>;

/// Those of `provider` for `operation` that `is_wanted`.
template <class Predicate>
Algorithms select(const OSSL_PROVIDER* provider, int operation, Predicate is_wanted) {
  Algorithms selected;
  int no_cache = 0;
  const OSSL_ALGORITHM* each =
      provider == nullptr ? nullptr
                          : ::OSSL_PROVIDER_query_operation(provider, operation, &no_cache);
  for (; each != nullptr && each->algorithm_names != nullptr; ++each) {
    if (is_wanted(*each)) selected.push_back(*each);
  }
  selected.push_back({});
  return selected;
}

/// By the first of its names, "EC" of "EC:id-ecPublicKey:1.2.840.10045.2.1".
bool is_one_of(const OSSL_ALGORITHM& algorithm, std::initializer_list<std::string_view> names) {
  const std::string_view all = algorithm.algorithm_names;
  return std::find(names.begin(), names.end(), all.substr(0, all.find(':'))) != names.end();
}

bool has_property(const OSSL_ALGORITHM& algorithm, std::string_view property) {
  const std::string_view all = algorithm.property_definition;
  return all.find(property) != std::string_view::npos;
}

bool reads_certified_key(const OSSL_ALGORITHM& decoder) {
  return is_one_of(decoder, {"RSA", "RSA-PSS", "EC", "ED25519", "ED448", "DSA"}) &&
         has_property(decoder, "input=der") &&
         has_property(decoder, "structure=SubjectPublicKeyInfo");
}

/// The keys that certificates have and that ends exchange, and those of the cipher suites that
/// authenticate records by HMAC.
bool manages_tls_key(const OSSL_ALGORITHM& management) {
  return is_one_of(management, {"RSA", "RSA-PSS", "EC", "ED25519", "ED448", "X25519", "X448", "DH",
                                "DSA", "HMAC"});
}

/// Those of the cipher suites that OpenSSL offers unless it is configured otherwise.
bool is_offered_cipher(const OSSL_ALGORITHM& cipher) {
  return is_one_of(cipher, {"AES-256-GCM", "AES-128-GCM", "ChaCha20-Poly1305", "AES-256-CBC",
                            "AES-128-CBC", "AES-128-CBC-HMAC-SHA1", "AES-256-CBC-HMAC-SHA1",
                            "AES-128-CBC-HMAC-SHA256", "AES-256-CBC-HMAC-SHA256"});
}

/// OpenSSL's default provider, if it can be had, and what there is of it for TLS.
struct Original {
  OSSL_PROVIDER* provider = ::OSSL_PROVIDER_load(nullptr, "default");
  Algorithms decoders = select(provider, OSSL_OP_DECODER, reads_certified_key);
  Algorithms ciphers = select(provider, OSSL_OP_CIPHER, is_offered_cipher);
  Algorithms key_managements = select(provider, OSSL_OP_KEYMGMT, manages_tls_key);
};

/// Never destroyed, because what is made with it is not.
const Original& original() {
  static const Original& loaded = *new Original;
  return loaded;
}

const OSSL_ALGORITHM* query(void* /*provider*/, int operation, int* no_cache) {
  const OSSL_ALGORITHM* const all =
      ::OSSL_PROVIDER_query_operation(original().provider, operation, no_cache);
  switch (operation) {
    case OSSL_OP_CIPHER:
      return original().ciphers.data();
    case OSSL_OP_DECODER:
      return original().decoders.data();
    case OSSL_OP_KEYMGMT:
      return original().key_managements.data();
    default:
      return all;
  }
}

int tell_capabilities(void* /*provider*/, const char* name, OSSL_CALLBACK* told, void* argument) {
  return ::OSSL_PROVIDER_get_capabilities(original().provider, name, told, argument);
}

using Function = void (*)();

const OSSL_DISPATCH dispatch_table[] = {
    {OSSL_FUNC_PROVIDER_QUERY_OPERATION, reinterpret_cast<Function>(query)},
    {OSSL_FUNC_PROVIDER_GET_CAPABILITIES, reinterpret_cast<Function>(tell_capabilities)},
    {0, nullptr},
};

/// An OSSL_provider_init_fn. Its context is the original's, which the algorithms expect.
int begin_provider(const OSSL_CORE_HANDLE* /*handle*/, const OSSL_DISPATCH* /*core*/,
                   const OSSL_DISPATCH** table, void** context) {
  *table = dispatch_table;
  *context = ::OSSL_PROVIDER_get0_provider_ctx(original().provider);
  return 1;
}

bool remembers_decoders() {
  return ::OPENSSL_version_major() > 3 ||
         (::OPENSSL_version_major() == 3 && ::OPENSSL_version_minor() >= 2);
}

int note_if_other(OSSL_PROVIDER* provider, void* found_other) {
  if (std::string_view(::OSSL_PROVIDER_get0_name(provider)) != "default") {
    *static_cast<bool*>(found_other) = true;
  }
  return 1;
}

/// Whether the machine's configuration of OpenSSL asks for algorithms other than the default's.
bool is_configured_otherwise() {
  bool found_other = false;
  ::OSSL_PROVIDER_do_all(nullptr, note_if_other, &found_other);
  return found_other || ::EVP_default_properties_is_fips_enabled(nullptr) != 0;
}

/// By their numbers in TLS, the preferred first; none: it cannot make a context.
std::vector<std::uint32_t> offered_cipher_suites(OSSL_LIB_CTX* library) {
  std::vector<std::uint32_t> offered;
  const TlsContextPointer context(::SSL_CTX_new_ex(library, nullptr, ::TLS_client_method()));
  if (!context) return offered;
  STACK_OF(SSL_CIPHER)* const suites = ::SSL_CTX_get_ciphers(context.get());
  for (int i = 0; i < sk_SSL_CIPHER_num(suites); ++i) {
    offered.push_back(::SSL_CIPHER_get_id(sk_SSL_CIPHER_value(suites, i)));
  }
  return offered;
}

bool offers_what_openssl_does(OSSL_LIB_CTX* library) {
  const std::vector<std::uint32_t> offered = offered_cipher_suites(library);
  return !offered.empty() && offered == offered_cipher_suites(nullptr);
}

OSSL_LIB_CTX* make_library() {
  if (remembers_decoders() || is_configured_otherwise() || original().provider == nullptr) {
    return nullptr;
  }
  constexpr const char* name = "of the default provider what TLS needs";
  constexpr unsigned long as_openssl_does =
      CONF_MFLAGS_DEFAULT_SECTION | CONF_MFLAGS_IGNORE_MISSING_FILE;
  OSSL_LIB_CTX* const library = ::OSSL_LIB_CTX_new();
  OSSL_PROVIDER* provider = nullptr;
  if (library != nullptr && ::OSSL_PROVIDER_add_builtin(library, name, begin_provider) == 1 &&
      (provider = ::OSSL_PROVIDER_load(library, name)) != nullptr &&
      ::CONF_modules_load_file_ex(library, nullptr, nullptr, as_openssl_does) == 1 &&
      offers_what_openssl_does(library)) {
    return library;
  }
  if (provider != nullptr) ::OSSL_PROVIDER_unload(provider);
  ::OSSL_LIB_CTX_free(library);
  ::ERR_clear_error();
  return nullptr;
}

}  // namespace

OSSL_LIB_CTX* tls_library() {
  static OSSL_LIB_CTX* const library = make_library();
  return library;
}

}  // namespace concurrency_models
