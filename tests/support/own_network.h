#pragma once

#include <string>

namespace concurrency_models {

/// Moves this process, which should be a forked child, into a network of its own, where there is a
/// loopback interface with this IPv4 address and no IPv6 but loopback's. False: not permitted.
[[nodiscard]] bool enter_own_network(const std::string& address = "127.0.0.1");

}  // namespace concurrency_models
