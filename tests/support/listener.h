#pragma once

#include "concurrency_models/endpoint.h"
#include "file_descriptor.h"

namespace concurrency_models {

/// A socket that listens there. Throws std::system_error if the address is not to be had.
[[nodiscard]] FileDescriptor listen_on(const Endpoint& endpoint);

/// Where it listens, also if any port would do.
[[nodiscard]] Endpoint bound_to(int listener);

}  // namespace concurrency_models
