#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>

#include "accepting.h"
#include "concurrency_models/origin_fault.h"
#include "limits.h"

namespace concurrency_models::origin {

/// The ports on which connections misbehave, at free ports of one address, for as long as this
/// object lives. On the loop's thread only.
class FaultPorts {
 public:
  /// Connections are served until the loop stops, which this object and `count` must outlive.
  /// Throws boost::system::system_error if the system has no ports to give.
  FaultPorts(boost::asio::io_context& loop, const boost::asio::ip::address& address,
             ConnectionCount& count, const Limits& limits);
  ~FaultPorts();
  FaultPorts(const FaultPorts&) = delete;
  FaultPorts& operator=(const FaultPorts&) = delete;
  FaultPorts(FaultPorts&&) = delete;
  FaultPorts& operator=(FaultPorts&&) = delete;

  /// What a request for origin_faults_target is answered with.
  [[nodiscard]] std::string list() const;

 private:
  struct Port;

  OriginFaultPorts numbers_;
  std::vector<std::unique_ptr<Port>> ports_;
};

}  // namespace concurrency_models::origin
