#pragma once

#include <curl/curl.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "file_descriptor.h"

namespace concurrency_models::bench::peers {

/// libcurl's multi interface on one thread: its sockets and its one timer, watched by epoll, what
/// is ready handed to curl_multi_socket_action. Throws std::system_error or std::runtime_error if
/// either refuses.
class CurlLoop {
 public:
  CurlLoop();
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;
  CurlLoop(CurlLoop&&) = delete;
  CurlLoop& operator=(CurlLoop&&) = delete;
  ~CurlLoop() = default;

  /// From now on its transfer is under way. The handle must outlive the loop, or be out of it.
  void begin(CURL* handle);
  /// Takes the steps that are due now, without waiting.
  void take_due_steps();

  /// Called with each handle whose transfer is over, no longer in the loop, and how that went; it
  /// may begin others.
  using Ended = std::function<void(CURL* handle, CURLcode code)>;
  /// Until nothing is under way.
  void run(const Ended& ended);

 private:
  struct FreeMulti {
    void operator()(CURLM* multi) const { ::curl_multi_cleanup(multi); }
  };
  using Clock = std::chrono::steady_clock;

  static int on_socket(CURL* handle, curl_socket_t socket, int what, void* self, void* known);
  static int on_timer(CURLM* multi, long timeout_ms, void* self);
  void wait();
  void end_all_that_are_over(const Ended& ended);

  FileDescriptor epoll_;  // before the handle, whose end unwatches sockets
  std::unique_ptr<CURLM, FreeMulti> multi_;
  std::optional<Clock::time_point> timer_;
  std::size_t under_way_ = 0;
};

}  // namespace concurrency_models::bench::peers
