#pragma once

#include <sys/types.h>

#include <cstddef>

#include "concurrency_models/endpoint.h"
#include "concurrency_models/fetch.h"

namespace concurrency_models {

/// A server on a free loopback port which answers nobody before a certain number of requests are
/// there, then all of them, then waits for as many more. Who sends fewer at once gets no answer.
///
/// A process of its own, in contrast to ScriptedServer, so that models which fork can be its
/// clients. Started while the test has no other thread, ended with this object.
class GatheringServer {
 public:
  explicit GatheringServer(std::size_t together);
  ~GatheringServer();
  GatheringServer(const GatheringServer&) = delete;
  GatheringServer& operator=(const GatheringServer&) = delete;
  GatheringServer(GatheringServer&&) = delete;
  GatheringServer& operator=(GatheringServer&&) = delete;

  [[nodiscard]] Fetch fetch() const;

 private:
  Endpoint endpoint_;
  pid_t pid_ = -1;
};

}  // namespace concurrency_models
