#include "concurrency_models/job_error.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <signal.h>

#include <cerrno>
#include <set>
#include <string>
#include <vector>

#include "concurrency_models/shared_array.h"
#include "support/in_child.h"

namespace concurrency_models {
namespace {

using boost::system::error_code;

TEST(StageTest, EachHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Stage::check); ++i) {
    const std::string_view text = name(static_cast<Stage>(i));
    EXPECT_FALSE(text.empty());
    EXPECT_NE(text, "unknown stage") << i;
    EXPECT_TRUE(names.insert(text).second) << text << " is there twice";
  }
  EXPECT_EQ(name(Stage::handshake), "TLS handshake");
}

TEST(JobErrorTest, IsTrueOnceItHasAStage) {
  EXPECT_FALSE(JobError{});
  EXPECT_TRUE((JobError{.stage = Stage::connect, .code = {}}));
}

TEST(JobErrorTest, TextNamesStageAndReason) {
  const JobError expired{.stage = Stage::handshake,
                         .code = {X509_V_ERR_CERT_HAS_EXPIRED, certificate_category()}};
  EXPECT_EQ(expired.text(), "TLS handshake: the server's certificate: certificate has expired");
  const JobError refused{.stage = Stage::connect,
                         .code = {ECONNREFUSED, boost::system::system_category()}};
  EXPECT_EQ(refused.text(), "connect: Connection refused");
}

TEST(JobErrorTest, OwnReasonsConvertAndSayWhatTheyAre) {
  std::set<std::string> texts;
  for (const Error error :
       {Error::deadline_exceeded, Error::truncated, Error::wrong_content, Error::wrong_length,
        Error::wrong_file, Error::wrong_number, Error::session_resumed, Error::never_run}) {
    const error_code code = error;
    EXPECT_EQ(&code.category(), &error_category());
    EXPECT_EQ(code, error);
    EXPECT_TRUE(code.failed());
    EXPECT_EQ(code.message().find("unknown"), std::string::npos) << code.message();
    EXPECT_TRUE(texts.insert(code.message()).second) << code.message() << " is there twice";
  }
  EXPECT_EQ(error_code(99, error_category()).message(), "unknown error 99");
}

TEST(JobErrorTest, CategoriesAreTold) {
  const std::set<std::string> names = {error_category().name(), http_status_category().name(),
                                       certificate_category().name(), tls_category().name(),
                                       process_exit_category().name()};
  EXPECT_EQ(names.size(), 5U);
  // The same number means different things.
  EXPECT_NE(error_code(1, error_category()), error_code(1, certificate_category()));
}

TEST(JobErrorTest, StatusCodesComeWithTheirReason) {
  EXPECT_EQ(error_code(404, http_status_category()).message(), "the server answered 404 Not Found");
  EXPECT_EQ(error_code(503, http_status_category()).message(),
            "the server answered 503 Service Unavailable");
  // Servers make up their own.
  EXPECT_NE(error_code(599, http_status_category()).message().find("599"), std::string::npos);
}

TEST(JobErrorTest, OpenSslCodesKeepTheirMeaningInAnInt) {
  ::OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS, nullptr);  // as every TLS context does
  const auto as_code = [](unsigned long packed) {
    return error_code(static_cast<int>(static_cast<unsigned>(packed)), tls_category());
  };
  EXPECT_EQ(as_code(ERR_PACK(ERR_LIB_SSL, 0, SSL_R_WRONG_VERSION_NUMBER)).message(),
            "wrong version number");
  // OpenSSL marks system errors by the bit that is an int's sign.
  const error_code system = as_code(ERR_PACK(ERR_LIB_SYS, 0, ECONNRESET));
  EXPECT_LT(as_code(ERR_SYSTEM_FLAG | ECONNRESET).value(), 0);
  EXPECT_FALSE(system.message().empty());
  EXPECT_FALSE(as_code(ERR_SYSTEM_FLAG | ECONNRESET).message().empty());
  EXPECT_FALSE(as_code(0).message().empty());
}

TEST(JobErrorTest, WaitStatusesTellExitFromSignal) {
  const int exited = in_child([] { return 3; });
  EXPECT_EQ(error_code(exited, process_exit_category()).message(),
            "its worker process exited with status 3");
  const int killed = in_child([] { return ::raise(SIGKILL); });
  // macOS's own text of the signal is "Killed: 9".
  EXPECT_TRUE(error_code(killed, process_exit_category())
                  .message()
                  .starts_with("its worker process was killed by SIGKILL (signal 9, Killed"));
}

TEST(JobErrorTest, SignalsAreToldByName) {
  for (const auto& [number, name] :
       std::vector<std::pair<int, std::string>>{{SIGSEGV, "SIGSEGV"},
                                                {SIGABRT, "SIGABRT"},
                                                {SIGBUS, "SIGBUS"},
                                                {SIGTERM, "SIGTERM"},
                                                {SIGXCPU, "SIGXCPU"}}) {
    const std::string says = error_code(number, process_exit_category()).message();
    EXPECT_NE(says.find(" by " + name + " (signal " + std::to_string(number) + ", "),
              std::string::npos)
        << says;
  }
#if defined(SIGRTMIN)
  // Real-time signals have no names of their own.
  const std::string says = error_code(SIGRTMIN, process_exit_category()).message();
  EXPECT_NE(says.find(" by a signal (signal " + std::to_string(SIGRTMIN)), std::string::npos)
      << says;
#endif
}

TEST(JobErrorTest, IsReadableOnTheOtherSideOfAFork) {
  const std::vector<error_code> codes = {
      Error::truncated,
      {404, http_status_category()},
      {X509_V_ERR_HOSTNAME_MISMATCH, certificate_category()},
      {static_cast<int>(ERR_PACK(ERR_LIB_SSL, 0, SSL_R_NO_PROTOCOLS_AVAILABLE)), tls_category()},
      {9, process_exit_category()},
      {ECONNREFUSED, boost::system::system_category()}};
  SharedArray<JobError> errors(codes.size());
  const int status = in_child([&] {
    for (std::size_t i = 0; i < codes.size(); ++i) {
      errors[i] = {.stage = Stage::body, .code = codes[i]};
    }
    return 0;
  });
  ASSERT_EQ(status, 0);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    EXPECT_EQ(errors[i].stage, Stage::body);
    EXPECT_EQ(errors[i].code, codes[i]);
    EXPECT_EQ(errors[i].text(), "response body: " + codes[i].message());
  }
}

}  // namespace
}  // namespace concurrency_models
