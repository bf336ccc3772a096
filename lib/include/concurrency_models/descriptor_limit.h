#pragma once

namespace concurrency_models {

/// Lets this process, and those it starts, open as many files and sockets as its hard limit allows.
/// The soft limit, often 1,024, protects programs that use select(2); nothing here does. Where even
/// that cannot be set, the limit stays as it was.
void raise_descriptor_limit();

}  // namespace concurrency_models
