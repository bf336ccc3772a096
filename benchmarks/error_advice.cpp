#include "error_advice.h"

#include <boost/system/errc.hpp>

namespace concurrency_models::bench {
namespace {

namespace errc = boost::system::errc;

std::string advice_on_own_error(Error error) {
  switch (error) {
    case Error::deadline_exceeded:
      return "check the server, or raise --deadline";
    case Error::truncated:
      return "the server gave up: look at its log";
    case Error::wrong_content:
    case Error::wrong_length:
      return "is that an origin of this project and version?";
    case Error::wrong_file:
      return "leave the suite's files alone while it runs";
    case Error::wrong_number:
    case Error::session_resumed:
    case Error::never_run:
      return "the figures cannot be trusted: please report this";
  }
  return {};
}

std::string advice_on_system_error(const boost::system::error_code& code) {
  if (code == errc::connection_refused) return "is the server running?";
  if (code == errc::connection_reset || code == errc::broken_pipe) {
    return "the server hung up: look at its log";
  }
  if (code == errc::address_not_available) {
    return "no client port is free: wait for old connections to end, or use fewer --fetches";
  }
  if (code == errc::too_many_files_open || code == errc::too_many_files_open_in_system) {
    return "allow more open files (ulimit -Hn), or use fewer --fetches";
  }
  if (code == errc::resource_unavailable_try_again || code == errc::not_enough_memory) {
    return "allow more processes and memory (ulimit -u), or ask for less work";
  }
  if (code == errc::host_unreachable || code == errc::network_unreachable ||
      code == errc::timed_out) {
    return "check the network";
  }
  return {};
}

}  // namespace

std::string advice(const JobError& error) {
  const auto& category = error.code.category();
  if (category == error_category()) {
    return advice_on_own_error(static_cast<Error>(error.code.value()));
  }
  if (category == certificate_category()) return "check --ca and the host name";
  if (category == tls_category()) return "does the server speak TLS 1.2 or later on that port?";
  if (category == http_status_category()) return "check the URL";
  if (category == process_exit_category()) return "was it killed for want of memory?";
  return advice_on_system_error(error.code);
}

std::string text_with_advice(const JobError& error) {
  const std::string what_to_do = advice(error);
  return what_to_do.empty() ? error.text() : error.text() + "; " + what_to_do;
}

}  // namespace concurrency_models::bench
