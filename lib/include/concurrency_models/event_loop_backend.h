#pragma once

#include <string_view>

namespace concurrency_models {

/// What the event loop of this build waits with: "epoll", "io_uring", "kqueue", "poll" or "select".
[[nodiscard]] std::string_view event_loop_backend();

/// Throws std::runtime_error, saying what to do, if the kernel does not let this process have such
/// an event loop.
void require_event_loop();

}  // namespace concurrency_models
