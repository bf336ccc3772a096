#pragma once

#include <boost/system/error_code.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "concurrency_models/fetch.h"
#include "concurrency_models/http_client.h"
#include "concurrency_models/job_error.h"

namespace concurrency_models {

/// One way for an origin to misbehave on request, and what a client must make of it.
///
/// All there are stand in one table, origin_faults(), from which come the origin's help, the
/// conformance tests and the table in docs/reliability.md.
struct OriginFault {
  /// What an origin is asked by.
  enum class AskedBy {
    port,         ///< connecting to a port of its own, whatever is said there
    server_name,  ///< the name in the TLS client's first message: "NAME.fault.origin.test"
    path,         ///< the request: "/?delay_us=N&bytes=N&fault=NAME"
  };
  /// The first and the last stage at which it may show; which of them is a matter of timing.
  struct Stages {
    Stage first = Stage::none;
    Stage last = Stage::none;
  };

  std::string_view name;
  std::string_view what;  ///< what the origin does, as a sentence without its subject and its dot
  AskedBy asked_by = AskedBy::path;
  bool needs_tls = false;
  /// Where a client reports it over https; Stage::none: nowhere, because it does no harm.
  Stages stages;
  Stages plain_stages;            ///< the same over http
  boost::system::error_code why;  ///< the reason it gives; success if it does no harm

  [[nodiscard]] bool harmless() const { return stages.first == Stage::none; }
  /// True if `error` is what a client should make of it.
  [[nodiscard]] bool explains(const JobError& error, bool secure) const;
  /// "TLS handshake: the server's certificate: certificate has expired", or that it does no harm;
  /// over http, where that differs, in brackets.
  [[nodiscard]] std::string reported_as() const;
};

/// All of them: of connections, then of TLS, then of HTTP.
[[nodiscard]] std::span<const OriginFault> origin_faults();
/// Null if there is none of this name.
[[nodiscard]] const OriginFault* find_origin_fault(std::string_view name);

/// Server names of faults end so.
inline constexpr std::string_view origin_fault_domain = ".fault.origin.test";
/// Faults in the body need a body to happen in.
inline constexpr std::uint64_t min_faulty_bytes = 2;

/// Asks an origin how to get at its faults: a line each, "NAME port N", "NAME server_name NAME…" or
/// "NAME path &fault=NAME".
inline constexpr std::string_view origin_faults_target = "/faults";

/// Ports on which an origin's connections misbehave, by the fault's name.
using OriginFaultPorts = std::map<std::string, std::uint16_t, std::less<>>;

/// Asks the origin that `site` is fetched from; blocks. Throws std::runtime_error that says why it
/// cannot be told, for instance because the server is no origin.
[[nodiscard]] OriginFaultPorts ask_fault_ports(const HttpClient& client, const Fetch& site);

/// `site`, which an origin answers, as a fetch that meets with `fault`. Throws
/// std::invalid_argument if the fault is one of TLS and the site's scheme is http, if it must have
/// a body and the site has none, or if its port is not among `ports`.
[[nodiscard]] Fetch faulty_fetch(const Fetch& site, const OriginFault& fault,
                                 const OriginFaultPorts& ports);

}  // namespace concurrency_models
