#include "concurrency_models/origin_fault.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <boost/beast/http/error.hpp>
#include <boost/system/errc.hpp>
#include <sstream>
#include <stdexcept>

#include "concurrency_models/origin_protocol.h"

namespace concurrency_models {
namespace {

using boost::system::error_code;
using AskedBy = OriginFault::AskedBy;
using Stages = OriginFault::Stages;
namespace http = boost::beast::http;

constexpr Stages at(Stage stage) { return {.first = stage, .last = stage}; }
constexpr Stages between(Stage first, Stage last) { return {.first = first, .last = last}; }

error_code system(boost::system::errc::errc_t reason) {
  return {static_cast<int>(reason), boost::system::system_category()};
}

error_code tls(int reason) {
  const unsigned long packed = ERR_PACK(ERR_LIB_SSL, 0, reason);
  return {static_cast<int>(static_cast<unsigned>(packed)), tls_category()};
}

error_code certificate(int reason) { return {reason, certificate_category()}; }
error_code status(int number) { return {number, http_status_category()}; }

OriginFault of_connection(std::string_view name, std::string_view what, Stages stages,
                          Stages plain_stages, error_code why) {
  return {name, what, AskedBy::port, false, stages, plain_stages, why};
}

OriginFault of_handshake(std::string_view name, std::string_view what, error_code why) {
  return {name, what, AskedBy::server_name, true, at(Stage::handshake), {}, why};
}

OriginFault of_header(std::string_view name, std::string_view what, error_code why) {
  return {name, what, AskedBy::path, false, at(Stage::header), at(Stage::header), why};
}

OriginFault of_body(std::string_view name, std::string_view what, error_code why) {
  return {name, what, AskedBy::path, false, at(Stage::body), at(Stage::body), why};
}

OriginFault without_harm(std::string_view name, std::string_view what) {
  return {name, what, AskedBy::path, false, {}, {}, {}};
}

auto make_faults() {
  const error_code deadline = Error::deadline_exceeded;
  const error_code truncated = Error::truncated;
  const error_code reset = system(boost::system::errc::connection_reset);
  OriginFault goodbye =
      of_body("no_close_notify_unknown_length",
              "ends a body of unknown length without TLS's close_notify", truncated);
  goodbye.needs_tls = true;
  return std::array{
      of_connection("refuse", "refuses the connection", at(Stage::connect), at(Stage::connect),
                    system(boost::system::errc::connection_refused)),
      of_connection("stall_in_connect", "leaves the connection waiting in a full queue",
                    at(Stage::connect), at(Stage::connect), deadline),
      of_connection("stall_after_accept", "accepts the connection and says nothing",
                    at(Stage::handshake), at(Stage::header), deadline),
      of_connection("reset_after_accept", "accepts the connection and resets it",
                    between(Stage::connect, Stage::handshake),
                    between(Stage::connect, Stage::header), reset),
      of_connection("close_after_accept", "accepts the connection and closes it",
                    at(Stage::handshake), at(Stage::header), truncated),

      of_handshake("stall_in_handshake", "stops in the middle of its TLS hello", deadline),
      of_handshake("reset_in_handshake", "resets the connection in the middle of its TLS hello",
                   reset),
      of_handshake("close_in_handshake", "closes the connection in the middle of its TLS hello",
                   truncated),
      of_handshake("tls_1_0_only", "speaks TLS 1.0 and nothing later",
                   tls(SSL_R_UNSUPPORTED_PROTOCOL)),
      of_handshake("tls_1_1_only", "speaks TLS 1.1 and nothing later",
                   tls(SSL_R_UNSUPPORTED_PROTOCOL)),
      of_handshake("no_tls", "answers a TLS hello in plain HTTP", tls(SSL_R_WRONG_VERSION_NUMBER)),
      of_handshake("certificate_expired", "shows a certificate that expired yesterday",
                   certificate(X509_V_ERR_CERT_HAS_EXPIRED)),
      of_handshake("certificate_not_yet_valid", "shows a certificate that is valid from tomorrow",
                   certificate(X509_V_ERR_CERT_NOT_YET_VALID)),
      of_handshake("certificate_for_another_name", "shows a certificate for another host",
                   certificate(X509_V_ERR_HOSTNAME_MISMATCH)),
      of_handshake("certificate_self_signed", "shows a certificate that it signed itself",
                   certificate(X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT)),
      of_handshake("certificate_from_another_ca",
                   "shows a certificate of another authority of the same name",
                   certificate(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY)),
      of_handshake("certificate_for_clients", "shows a certificate that is for TLS clients only",
                   certificate(X509_V_ERR_INVALID_PURPOSE)),

      of_header("stall_before_header", "takes the request and says nothing", deadline),
      of_header("stall_in_header", "stops in the middle of the header", deadline),
      of_body("stall_in_body", "stops in the middle of the body", deadline),
      of_header("trickle_header", "sends a header without end, a byte at a time", deadline),
      of_body("trickle_body", "sends the body a byte at a time, never the last", deadline),
      of_header("reset_before_header", "takes the request and resets the connection", reset),
      of_header("reset_in_header", "resets the connection in the middle of the header", reset),
      of_body("reset_in_body", "resets the connection in the middle of the body", reset),
      of_header("close_before_header", "takes the request and closes the connection", truncated),
      of_header("close_in_header", "closes the connection in the middle of the header", truncated),
      of_body("close_in_body",
              "closes the connection in the middle of the body, without TLS's "
              "close_notify",
              truncated),
      of_header("status_500", "answers 500 Internal Server Error", status(500)),
      of_header("status_404", "answers 404 Not Found", status(404)),
      of_header("redirect", "answers 302 Found, with a Location", status(302)),
      of_body("body_shorter_than_announced", "sends a body shorter than the length it announced",
              truncated),
      without_harm("body_longer_than_announced",
                   "sends more after the length it announced, which is no part of the answer"),
      of_body("body_shorter_than_asked", "announces and sends a body shorter than asked for",
              Error::wrong_length),
      of_body("body_longer_than_asked", "announces and sends a body longer than asked for",
              Error::wrong_length),
      of_body("wrong_content", "changes one byte of the body", Error::wrong_content),
      of_header("endless_header", "sends header fields without end", http::error::header_limit),
      of_header("endless_interim_answers", "sends answers of status 103 without end",
                http::error::header_limit),
      of_body("body_of_10_gb", "announces and sends a body of 10 GB", http::error::body_limit),
      of_body("endless_body", "sends a body of unknown length without end", Error::wrong_length),
      of_body("endless_chunks", "sends chunks without end", Error::wrong_length),
      of_body("endless_chunk_extension", "sends one chunk's extension without end",
              http::error::header_limit),
      of_body("endless_trailer", "sends trailer fields after the last chunk without end",
              http::error::header_limit),
      of_header("malformed_status_line", "answers with a status line that is none",
                http::error::bad_version),
      of_header("malformed_header", "sends a header field whose name has a blank in it",
                http::error::bad_field),
      of_header("malformed_length", "announces a length that is no number",
                http::error::bad_content_length),
      of_body("malformed_chunk", "sends a chunk whose length is no number", http::error::bad_chunk),
      without_harm("no_close_notify", "sends the whole body, but not TLS's close_notify"),
      goodbye,
      without_harm("unknown_length", "sends the whole body, whose end is the connection's"),
  };
}

std::string text(const Stages& stages) {
  std::string first(name(stages.first));
  return stages.first == stages.last ? first
                                     : std::move(first) + " to " + std::string(name(stages.last));
}

bool in(const Stages& stages, Stage stage) { return stages.first <= stage && stage <= stages.last; }

}  // namespace

bool OriginFault::explains(const JobError& error, bool secure) const {
  return in(secure ? stages : plain_stages, error.stage) && error.code == why;
}

std::string OriginFault::reported_as() const {
  if (harmless()) return "no error: the answer is complete";
  std::string where = text(stages);
  if (!needs_tls && text(plain_stages) != where) {
    where += " (over http: " + text(plain_stages) + ')';
  }
  return where + ": " + why.message();
}

std::span<const OriginFault> origin_faults() {
  static const auto faults = make_faults();
  return faults;
}

const OriginFault* find_origin_fault(std::string_view name) {
  const auto faults = origin_faults();
  const auto found = std::find_if(faults.begin(), faults.end(),
                                  [name](const OriginFault& fault) { return fault.name == name; });
  return found == faults.end() ? nullptr : &*found;
}

OriginFaultPorts ask_fault_ports(const HttpClient& client, const Fetch& site) {
  Fetch question = site;
  question.url.target = origin_faults_target;
  question.expected_bytes.reset();
  std::string answer;
  if (const JobError error = client.get_text(question, answer).error) {
    throw std::runtime_error("cannot learn the faults of the origin at " + site.endpoint.text() +
                             ": " + error.text() +
                             "; is it an origin of this project and version?");
  }
  OriginFaultPorts ports;
  std::istringstream lines(answer);
  std::string fault;
  std::string asked_by;
  std::string value;
  while (lines >> fault >> asked_by >> value) {
    if (asked_by != "port") continue;
    std::istringstream number(value);
    number >> ports[fault];
  }
  return ports;
}

Fetch faulty_fetch(const Fetch& site, const OriginFault& fault, const OriginFaultPorts& ports) {
  const std::string name(fault.name);
  if (fault.needs_tls && !site.url.secure) {
    throw std::invalid_argument("the fault " + name + " is one of TLS: fetch over https");
  }
  Fetch fetch = site;
  fetch.latency.reset();  // how long it takes now is the fault's affair
  switch (fault.asked_by) {
    case AskedBy::port: {
      const auto found = ports.find(fault.name);
      if (found == ports.end()) {
        throw std::invalid_argument("the origin has no port for the fault " + name +
                                    ": is it one of this version?");
      }
      fetch.url.port = found->second;
      fetch.endpoint.port = found->second;
      break;
    }
    case AskedBy::server_name:
      fetch.url.host = name + std::string(origin_fault_domain);
      break;
    case AskedBy::path:
      if (site.expected_bytes.value_or(min_faulty_bytes) < min_faulty_bytes) {
        throw std::invalid_argument("the fault " + name + " needs a body of at least " +
                                    std::to_string(min_faulty_bytes) + " bytes");
      }
      fetch.url.target += "&fault=" + name;
      break;
  }
  return fetch;
}

}  // namespace concurrency_models
