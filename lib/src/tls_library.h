#pragma once

#include <openssl/types.h>

namespace concurrency_models {

/// The OpenSSL library in which a client's TLS contexts should be made: one with so few algorithms
/// that certificates are read quickly, which offers to servers what OpenSSL's own does; or none,
/// which is OpenSSL's own, where a configuration asks for others (providers, FIPS, cipher suites)
/// or where nothing is gained (OpenSSL 3.2 remembers how certificates are read).
///
/// Every algorithm is that of OpenSSL's default provider. The certificates of a chain must have
/// keys of RSA, RSA-PSS, EC, Ed25519, Ed448 or DSA: SM2 is left out.
///
/// Decided and made by the first call, as OpenSSL is configured then for the thread that calls;
/// lives as long as the process. Safe from several threads.
[[nodiscard]] OSSL_LIB_CTX* tls_library();

}  // namespace concurrency_models
