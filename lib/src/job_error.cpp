#include "concurrency_models/job_error.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <boost/beast/http/status.hpp>
#include <csignal>
#include <cstring>

namespace concurrency_models {
namespace {

struct LibraryCategory final : boost::system::error_category {
  [[nodiscard]] const char* name() const noexcept override { return "concurrency_models"; }
  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<Error>(value)) {
      case Error::deadline_exceeded:
        return "no complete answer within the deadline";
      case Error::truncated:
        return "the connection was closed in the middle of a message";
      case Error::wrong_content:
        return "the body is not what the origin was asked for";
      case Error::wrong_length:
        return "the body is not as long as the origin was asked for";
      case Error::wrong_file:
        return "the file does not hold what was written to it";
      case Error::wrong_number:
        return "not the Fibonacci number asked for";
      case Error::session_resumed:
        return "a fresh connection resumed an earlier TLS session";
      case Error::kept_connection_closed:
        return "the server closed a kept connection before it answered";
      case Error::unasked_answer:
        return "the server sent something over a kept connection before it was asked";
      case Error::not_reused:
        return "a fetch neither resumed a TLS session nor had a kept connection";
      case Error::never_run:
        return "no worker took the job";
    }
    return "unknown error " + std::to_string(value);
  }
};

struct HttpStatusCategory final : boost::system::error_category {
  [[nodiscard]] const char* name() const noexcept override { return "http_status"; }
  [[nodiscard]] std::string message(int value) const override {
    const auto status = boost::beast::http::int_to_status(static_cast<unsigned>(value));
    const std::string_view reason = boost::beast::http::obsolete_reason(status);
    return "the server answered " + std::to_string(value) + ' ' + std::string(reason);
  }
};

struct CertificateCategory final : boost::system::error_category {
  [[nodiscard]] const char* name() const noexcept override { return "certificate"; }
  [[nodiscard]] std::string message(int value) const override {
    return std::string("the server's certificate: ") + ::X509_verify_cert_error_string(value);
  }
};

/// OpenSSL packs 32 bits of library and reason; an int holds them all, its sign means nothing.
struct TlsCategory final : boost::system::error_category {
  [[nodiscard]] const char* name() const noexcept override { return "tls"; }
  [[nodiscard]] std::string message(int value) const override {
    const auto packed = static_cast<unsigned long>(static_cast<unsigned>(value));
    const char* const reason = ::ERR_reason_error_string(packed);
    if (reason != nullptr) return reason;
    std::array<char, 256> text{};
    ::ERR_error_string_n(packed, text.data(), text.size());
    return text.data();
  }
};

/// By POSIX's names, those that end a process: systems have no common function for it.
std::string_view signal_name(int signal) {
  struct Named {
    int number;
    std::string_view name;
  };
  static constexpr std::array<Named, 19> names = {{
      {SIGABRT, "SIGABRT"},     {SIGALRM, "SIGALRM"}, {SIGBUS, "SIGBUS"},   {SIGFPE, "SIGFPE"},
      {SIGHUP, "SIGHUP"},       {SIGILL, "SIGILL"},   {SIGINT, "SIGINT"},   {SIGKILL, "SIGKILL"},
      {SIGPIPE, "SIGPIPE"},     {SIGPROF, "SIGPROF"}, {SIGQUIT, "SIGQUIT"}, {SIGSEGV, "SIGSEGV"},
      {SIGSYS, "SIGSYS"},       {SIGTERM, "SIGTERM"}, {SIGTRAP, "SIGTRAP"}, {SIGUSR1, "SIGUSR1"},
      {SIGVTALRM, "SIGVTALRM"}, {SIGXCPU, "SIGXCPU"}, {SIGXFSZ, "SIGXFSZ"},
  }};
  const auto* const found = std::find_if(
      names.begin(), names.end(), [signal](const Named& named) { return named.number == signal; });
  return found == names.end() ? "a signal" : found->name;
}

struct ProcessExitCategory final : boost::system::error_category {
  [[nodiscard]] const char* name() const noexcept override { return "process_exit"; }
  [[nodiscard]] std::string message(int value) const override {
    if (WIFSIGNALED(value)) {
      const int signal = WTERMSIG(value);
      return "its worker process was killed by " + std::string(signal_name(signal)) + " (signal " +
             std::to_string(signal) + ", " + ::strsignal(signal) + ")";
    }
    return "its worker process exited with status " + std::to_string(WEXITSTATUS(value));
  }
};

// At namespace scope, so that they exist before any fork: records carry their addresses.
const LibraryCategory library_category;
const HttpStatusCategory status_category;
const CertificateCategory x509_category;
const TlsCategory openssl_category;
const ProcessExitCategory exit_category;

}  // namespace

std::string_view name(Stage stage) {
  switch (stage) {
    case Stage::none:
      return "no error";
    case Stage::start:
      return "start";
    case Stage::connect:
      return "connect";
    case Stage::handshake:
      return "TLS handshake";
    case Stage::send:
      return "request";
    case Stage::header:
      return "response header";
    case Stage::body:
      return "response body";
    case Stage::open:
      return "opening the file";
    case Stage::read:
      return "reading the file";
    case Stage::work:
      return "work";
    case Stage::check:
      return "check of the result";
  }
  return "unknown stage";
}

std::string JobError::text() const { return std::string(name(stage)) + ": " + code.message(); }

const boost::system::error_category& error_category() { return library_category; }
const boost::system::error_category& http_status_category() { return status_category; }
const boost::system::error_category& certificate_category() { return x509_category; }
const boost::system::error_category& tls_category() { return openssl_category; }
const boost::system::error_category& process_exit_category() { return exit_category; }

}  // namespace concurrency_models
