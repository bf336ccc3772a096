#include "error_advice.h"

#include <openssl/err.h>
#include <openssl/evperr.h>
#include <openssl/x509_vfy.h>
#include <sys/wait.h>

#include <boost/beast/http/error.hpp>
#include <boost/system/errc.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>
#include <csignal>
#include <new>
#include <system_error>

#include "concurrency_models/http_client.h"

namespace concurrency_models::bench {
namespace {

namespace errc = boost::system::errc;
namespace http = boost::beast::http;

constexpr const char* more_memory = "allow more memory (ulimit -v), or ask for less work";

std::string advice_on_own_error(Error error) {
  switch (error) {
    case Error::deadline_exceeded:
      return "check the server, or raise --deadline";
    case Error::truncated:
      return "the server gave up: look at its log";
    case Error::wrong_content:
    case Error::wrong_length:
      return "is that an origin of this project and version?";
    case Error::kept_connection_closed:
      return "let the server keep idle connections for longer, or use --connection fresh";
    case Error::unasked_answer:
      return "the server is wrong about where its answers end: use --connection fresh";
    case Error::not_reused:
      return "does the server hand out session tickets (origin --session-tickets), or keep "
             "connections alive?";
    case Error::wrong_file:
      return "leave the suite's files alone while it runs";
    case Error::wrong_number:
    case Error::session_resumed:
    case Error::never_run:
      return "the figures cannot be trusted: please report this";
  }
  return "please report this";
}

std::string advice_on_system_error(Stage stage, const boost::system::error_code& code) {
  if (code == errc::connection_refused) return "is the server running?";
  if (code == errc::connection_reset || code == errc::broken_pipe) {
    return "the server hung up: look at its log";
  }
  if (code == errc::address_not_available) {
    return "no client port is free: wait for old connections to end, or use fewer --fetches";
  }
  if (code == errc::too_many_files_open || code == errc::too_many_files_open_in_system) {
    return "allow more open files (ulimit -Hn), or use fewer --fetches or --workers";
  }
  if (code == errc::resource_unavailable_try_again) {
    return "allow more processes and memory (ulimit -u and -v, pids.max of the cgroup), or ask for "
           "less work";
  }
  if (code == errc::not_enough_memory || code == errc::no_buffer_space) return more_memory;
  if (code == errc::host_unreachable || code == errc::network_unreachable ||
      code == errc::timed_out) {
    return "check the network";
  }
  return stage == Stage::start ? "look at this system's log" : "check the server and the network";
}

std::string advice_on_certificate(int reason) {
  switch (reason) {
    case X509_V_ERR_OUT_OF_MEM:
      return more_memory;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
      // OpenSSL takes a key that it has no memory to read for a weak one.
      return "use a stronger key, or allow more memory (ulimit -v)";
    default:
      return "check --ca and the host name";
  }
}

/// Whether it is what OpenSSL says if it finds no memory and nothing that a server can do. An
/// algorithm that it lacks is told the same way.
bool is_openssls_own(unsigned long packed) {
  const int reason = ERR_GET_REASON(packed);
  return reason == ERR_R_INTERNAL_ERROR ||
         (ERR_GET_LIB(packed) == ERR_LIB_EVP &&
          (reason == EVP_R_INITIALIZATION_ERROR || reason == EVP_R_NOT_ABLE_TO_COPY_CTX));
}

std::string advice_on_tls_error(Stage stage, const boost::system::error_code& code) {
  const auto packed = static_cast<unsigned long>(static_cast<unsigned>(code.value()));
  if (ERR_SYSTEM_ERROR(packed)) {
    return advice_on_system_error(stage,
                                  {ERR_GET_REASON(packed), boost::system::system_category()});
  }
  if (ERR_GET_REASON(packed) == ERR_R_MALLOC_FAILURE) return more_memory;
  if (is_openssls_own(packed)) {
    return "allow more memory (ulimit -v), or look at OpenSSL's configuration";
  }
  return "does the server speak TLS 1.2 or later on that port?";
}

/// Beast's own reasons: the server does not keep to HTTP, or to the client's limits.
std::string advice_on_http_error(const boost::system::error_code& code) {
  if (code == http::error::body_limit) {
    return "a body may have up to " + std::to_string(HttpClient::body_limit >> 20) +
           " MiB: fetch something smaller";
  }
  if (code == http::error::header_limit) {
    return "headers may have up to " + std::to_string(HttpClient::header_limit >> 10) +
           " KiB: fetch something else";
  }
  if (code == http::error::bad_alloc) return more_memory;
  if (code == http::error::end_of_stream || code == http::error::partial_message) {
    return "the server gave up: look at its log";
  }
  return "does the server speak HTTP/1.1 on that port?";
}

/// What ends a process differs in who can do something about it.
std::string advice_on_worker_end(int wait_status) {
  if (WIFEXITED(wait_status)) return "what runs in it must not exit: look for its own message";
  switch (WTERMSIG(wait_status)) {
    case SIGKILL:
      return "was it killed for want of memory?";
    case SIGXCPU:
      return "allow more CPU time (ulimit -t), or ask for less work";
    case SIGABRT:
    case SIGBUS:
    case SIGFPE:
    case SIGILL:
    case SIGSEGV:
    case SIGSYS:
    case SIGTRAP:
      return "it crashed: look at its core file, or at this system's log";
    default:
      return "somebody sent it that signal: let the suite's processes run";
  }
}

}  // namespace

std::string advice(const JobError& error) {
  const auto& category = error.code.category();
  if (category == error_category()) {
    return advice_on_own_error(static_cast<Error>(error.code.value()));
  }
  if (category == certificate_category()) return advice_on_certificate(error.code.value());
  if (category == tls_category()) return advice_on_tls_error(error.stage, error.code);
  if (category == http_status_category()) return "check the URL";
  if (category == process_exit_category()) return advice_on_worker_end(error.code.value());
  if (category == http::make_error_code(http::error::bad_alloc).category()) {
    return advice_on_http_error(error.code);
  }
  return advice_on_system_error(error.stage, error.code);
}

std::string text_with_advice(const JobError& error) { return error.text() + "; " + advice(error); }

std::string text_with_advice(const std::exception& exception) {
  if (dynamic_cast<const std::bad_alloc*>(&exception) != nullptr) {
    return text_with_advice(
        {.stage = Stage::start, .code = make_error_code(errc::not_enough_memory)});
  }
  if (const auto* const system = dynamic_cast<const std::system_error*>(&exception)) {
    const boost::system::error_code code(system->code().value(), boost::system::generic_category());
    return exception.what() + ("; " + advice({.stage = Stage::start, .code = code}));
  }
  if (const auto* const system = dynamic_cast<const boost::system::system_error*>(&exception)) {
    return text_with_advice({.stage = Stage::start, .code = system->code()});
  }
  return exception.what();
}

}  // namespace concurrency_models::bench
