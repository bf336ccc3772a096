#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "concurrency_models/seconds.h"

namespace concurrency_models {

/// A running origin server: a process of its own, so that what it costs is in no counter of the
/// process that measures. Listens on loopback, on ports that were free.
///
/// Owns the process: it is asked to leave, and reaped, when this object ends, and leaves by itself
/// when the process that started it is gone, however that came.
class OriginProcess {
 public:
  struct Options {
    /// The origin program; empty: default_program().
    std::filesystem::path program;
    /// Processors it may use, as far as the system lets it; empty: the same as this process.
    std::vector<unsigned> affinity;
    /// Host names its certificate is for; empty: those of origin_hosts().
    std::vector<std::string> host_names;
    /// How long a client may take an answer, or wait for one that a fault keeps back, before its
    /// connection is reset: more than any client's deadline, or it never sees that pass. Nothing:
    /// what the program has for itself.
    std::optional<std::chrono::milliseconds> answer_timeout = std::nullopt;
    /// Whether it lets TLS sessions be resumed.
    bool session_tickets = false;
  };

  /// A file named "origin" beside the running program, whether there is one or not.
  [[nodiscard]] static std::filesystem::path default_program();

  /// Returns when it is ready to answer. Throws std::runtime_error that names the program and says
  /// why it did not start.
  explicit OriginProcess(const Options& options);
  OriginProcess() : OriginProcess(Options{}) {}
  ~OriginProcess();
  OriginProcess(const OriginProcess&) = delete;
  OriginProcess& operator=(const OriginProcess&) = delete;
  OriginProcess(OriginProcess&&) = delete;
  OriginProcess& operator=(OriginProcess&&) = delete;

  [[nodiscard]] std::uint16_t https_port() const { return https_port_; }
  [[nodiscard]] std::uint16_t http_port() const { return http_port_; }
  /// Certificate of the authority it made for itself, in PEM.
  [[nodiscard]] const std::string& ca_pem() const { return ca_pem_; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  /// Processors it was restricted to, as the system tells; empty: they are the same as this
  /// process's, because no others were asked for or none of those could be had.
  [[nodiscard]] const std::vector<unsigned>& affinity() const { return affinity_; }
  /// CPU time it has used so far, if the system tells.
  [[nodiscard]] std::optional<Seconds> cpu_time() const;

 private:
  pid_t pid_ = -1;
  int control_ = -1;  ///< write end of its standard input; it leaves when this closes
  std::uint16_t https_port_ = 0;
  std::uint16_t http_port_ = 0;
  std::string ca_pem_;
  std::vector<unsigned> affinity_;
};

}  // namespace concurrency_models
