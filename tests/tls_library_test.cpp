// Which library a client's TLS is made in, and that servers cannot tell.
#include "tls_library.h"

#include <gtest/gtest.h>
#include <openssl/crypto.h>
#include <openssl/decoder.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/ssl.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>

#include "support/in_child.h"
#include "support/temporary_directory.h"

namespace concurrency_models {
namespace {

/// In a child, because a process decides once; without what this machine's OpenSSL is configured
/// to.
bool holds_in_child(const std::function<bool()>& body) {
  const int status = in_child([&] {
    ::setenv("OPENSSL_CONF", "/dev/null", 1);
    return body() ? 1 : 0;
  });
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) <= 1) << status;
  return WEXITSTATUS(status) == 1;
}

bool has_own_library(const std::function<void()>& beforehand) {
  return holds_in_child([&] {
    beforehand();
    return tls_library() != nullptr;
  });
}

bool openssl_is_slow_at_certificates() {
  return ::OPENSSL_version_major() == 3 && ::OPENSSL_version_minor() < 2;
}

void configure(const TemporaryDirectory& directory, const std::string& tls) {
  const std::string text =
      "openssl_conf = all\n[all]\nssl_conf = tls\n[tls]\n"
      "system_default = own\n[own]\n" +
      tls + '\n';
  ::setenv("OPENSSL_CONF", directory.write("openssl.cnf", text).c_str(), 1);
}

TEST(TlsLibraryTest, IsItsOwnWhereThatIsFaster) {
  EXPECT_EQ(has_own_library([] {}), openssl_is_slow_at_certificates());
}

TEST(TlsLibraryTest, IsOpenSslsWhereAnotherProviderIsConfigured) {
  EXPECT_FALSE(has_own_library([] { ::OSSL_PROVIDER_load(nullptr, "base"); }));
}

TEST(TlsLibraryTest, IsOpenSslsWhereFipsIsConfigured) {
  EXPECT_FALSE(has_own_library([] { ::EVP_default_properties_enable_fips(nullptr, 1); }));
}

TEST(TlsLibraryTest, IsOpenSslsWhereOtherCipherSuitesAreConfigured) {
  const TemporaryDirectory directory;
  EXPECT_FALSE(
      has_own_library([&] { configure(directory, "CipherString = ECDHE-ECDSA-AES128-CCM"); }));
  EXPECT_EQ(has_own_library([&] { configure(directory, "CipherString = ECDHE-ECDSA-AES128-SHA"); }),
            openssl_is_slow_at_certificates())
      << "what it has itself";
}

/// The first message of a client, in which it says all that it is ready for.
std::string hello_of(OSSL_LIB_CTX* library) {
  const std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)> context(
      ::SSL_CTX_new_ex(library, nullptr, ::TLS_client_method()), ::SSL_CTX_free);
  const std::unique_ptr<SSL, decltype(&::SSL_free)> ssl(::SSL_new(context.get()), ::SSL_free);
  BIO* const sent = ::BIO_new(::BIO_s_mem());
  ::SSL_set_bio(ssl.get(), ::BIO_new(::BIO_s_mem()), sent);
  ::SSL_connect(ssl.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(sent, &data);
  return {data, static_cast<std::size_t>(size)};
}

/// Without what is random in it: the client's 32 bytes, the session's, and the key share at its
/// end.
std::string fixed_part(std::string hello) {
  constexpr std::size_t random_at = 11;
  constexpr std::size_t random_size = 32;
  hello.replace(random_at, random_size, random_size, '-');
  hello.replace(random_at + random_size + 1, random_size, random_size, '-');
  hello.replace(hello.size() - random_size, random_size, random_size, '-');
  return hello;
}

TEST(TlsLibraryTest, OffersWhatOpenSslDoes) {
  if (!openssl_is_slow_at_certificates()) GTEST_SKIP() << "it is OpenSSL's own";
  EXPECT_TRUE(holds_in_child([] {
    const std::string expected = hello_of(nullptr);
    return !expected.empty() && fixed_part(hello_of(tls_library())) == fixed_part(expected);
  }));
}

TEST(TlsLibraryTest, HasFewDecoders) {
  if (!openssl_is_slow_at_certificates()) GTEST_SKIP() << "OpenSSL remembers them";
  EXPECT_TRUE(holds_in_child([] {
    std::size_t count = 0;
    ::OSSL_DECODER_do_all_provided(
        tls_library(),
        [](OSSL_DECODER* /*decoder*/, void* counted) { ++*static_cast<std::size_t*>(counted); },
        &count);
    return count == 6;  // one for each kind of key
  }));
}

}  // namespace
}  // namespace concurrency_models
