#include "error_advice.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evperr.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <signal.h>

#include <boost/beast/http/error.hpp>
#include <cerrno>
#include <ostream>
#include <string>

namespace concurrency_models::bench {
namespace {

using boost::system::error_code;
namespace http = boost::beast::http;

error_code tls(unsigned long packed) {
  return {static_cast<int>(static_cast<unsigned>(packed)), tls_category()};
}

error_code system(int number) { return {number, boost::system::system_category()}; }

struct Advised {
  Stage stage;
  error_code code;
  std::string advice;

  friend std::ostream& operator<<(std::ostream& out, const Advised& advised) {
    return out << JobError{.stage = advised.stage, .code = advised.code}.text();
  }
};

class ErrorAdvice : public testing::TestWithParam<Advised> {};

TEST_P(ErrorAdvice, IsWhatTheErrorCallsFor) {
  const auto& [stage, code, expected] = GetParam();
  const JobError error{.stage = stage, .code = code};
  EXPECT_EQ(advice(error), expected) << error.text();
  EXPECT_EQ(text_with_advice(error), error.text() + "; " + expected);
}

const std::string memory = "allow more memory (ulimit -v), or ask for less work";
const std::string memory_or_openssl =
    "allow more memory (ulimit -v), or look at OpenSSL's configuration";
const std::string speaks_tls = "does the server speak TLS 1.2 or later on that port?";
const std::string speaks_http = "does the server speak HTTP/1.1 on that port?";

INSTANTIATE_TEST_SUITE_P(
    WantOfMemory, ErrorAdvice,
    testing::Values(
        Advised{Stage::handshake, tls(ERR_PACK(ERR_LIB_SSL, 0, ERR_R_MALLOC_FAILURE)), memory},
        Advised{Stage::handshake, tls(ERR_PACK(ERR_LIB_EVP, 0, ERR_R_MALLOC_FAILURE)), memory},
        Advised{Stage::handshake, tls(ERR_SYSTEM_FLAG | ENOMEM), memory},
        Advised{Stage::handshake, tls(ERR_PACK(ERR_LIB_SSL, 0, ERR_R_INTERNAL_ERROR)),
                memory_or_openssl},
        Advised{Stage::handshake, tls(ERR_PACK(ERR_LIB_EVP, 0, EVP_R_INITIALIZATION_ERROR)),
                memory_or_openssl},
        Advised{Stage::handshake, tls(ERR_PACK(ERR_LIB_EVP, 0, EVP_R_NOT_ABLE_TO_COPY_CTX)),
                memory_or_openssl},
        Advised{Stage::handshake, {X509_V_ERR_OUT_OF_MEM, certificate_category()}, memory},
        Advised{Stage::handshake,
                {X509_V_ERR_EE_KEY_TOO_SMALL, certificate_category()},
                "use a stronger key, or allow more memory (ulimit -v)"},
        Advised{Stage::header, http::error::bad_alloc, memory},
        Advised{Stage::start, system(ENOMEM), memory},
        Advised{Stage::connect, system(ENOBUFS), memory}));

INSTANTIATE_TEST_SUITE_P(
    Tls, ErrorAdvice,
    testing::Values(Advised{Stage::handshake,
                            tls(ERR_PACK(ERR_LIB_SSL, 0, SSL_R_WRONG_VERSION_NUMBER)), speaks_tls},
                    Advised{Stage::handshake, tls(0), speaks_tls},
                    Advised{Stage::handshake, tls(ERR_SYSTEM_FLAG | ECONNRESET),
                            "the server hung up: look at its log"},
                    Advised{Stage::handshake,
                            {X509_V_ERR_CERT_HAS_EXPIRED, certificate_category()},
                            "check --ca and the host name"}));

INSTANTIATE_TEST_SUITE_P(
    Http, ErrorAdvice,
    testing::Values(Advised{Stage::body, http::error::body_limit,
                            "a body may have up to 64 MiB: fetch something smaller"},
                    Advised{Stage::header, http::error::header_limit,
                            "headers may have up to 64 KiB: fetch something else"},
                    Advised{Stage::header, http::error::end_of_stream,
                            "the server gave up: look at its log"},
                    Advised{Stage::header, http::error::bad_version, speaks_http},
                    Advised{Stage::body, http::error::bad_chunk, speaks_http},
                    Advised{Stage::header, {404, http_status_category()}, "check the URL"}));

INSTANTIATE_TEST_SUITE_P(
    System, ErrorAdvice,
    testing::Values(
        Advised{Stage::connect, system(ECONNREFUSED), "is the server running?"},
        Advised{Stage::connect, system(EMFILE),
                "allow more open files (ulimit -Hn), or use fewer --fetches or --workers"},
        Advised{Stage::start, system(EAGAIN),
                "allow more processes and memory (ulimit -u and -v, pids.max of the "
                "cgroup), or ask for less work"},
        Advised{Stage::connect, system(ENETUNREACH), "check the network"},
        Advised{
            Stage::work, {SIGKILL, process_exit_category()}, "was it killed for want of memory?"},
        Advised{Stage::work,
                {SIGSEGV, process_exit_category()},
                "it crashed: look at its core file, or at this system's log"},
        Advised{Stage::work,
                {SIGXCPU, process_exit_category()},
                "allow more CPU time (ulimit -t), or ask for less work"},
        Advised{Stage::work,
                {SIGTERM, process_exit_category()},
                "somebody sent it that signal: let the suite's processes run"},
        // As wait4 tells that a process left with status 3.
        Advised{Stage::work,
                {3 << 8, process_exit_category()},
                "what runs in it must not exit: look for its own message"},
        // Of what nobody thought of, the stage says at least where to look.
        Advised{Stage::connect, system(EACCES), "check the server and the network"},
        Advised{Stage::start, system(EACCES), "look at this system's log"}));

TEST(ErrorAdviceOnOwnErrors, IsThereForEach) {
  for (int value = 1; value <= static_cast<int>(Error::never_run); ++value) {
    const JobError error{.stage = Stage::check, .code = {value, error_category()}};
    EXPECT_NE(advice(error), "") << error.text();
  }
}

}  // namespace
}  // namespace concurrency_models::bench
