#include "support/gathering_server.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <system_error>
#include <vector>

#include "file_descriptor.h"
#include "support/listener.h"
#include "support/scripted_server.h"
#include "support/test_stream.h"

namespace concurrency_models {
namespace {

/// Until nobody comes for as long as the watchdog: the test program may be gone.
void serve(int listener, std::size_t together) {
  while (true) {
    std::vector<TestStream> peers;
    while (peers.size() < together) {
      pollfd wanted{.fd = listener, .events = POLLIN, .revents = 0};
      constexpr auto limit = std::chrono::milliseconds(watchdog);
      if (::poll(&wanted, 1, static_cast<int>(limit.count())) <= 0) return;
      peers.emplace_back(FileDescriptor(::accept(listener, nullptr, nullptr)));
      static_cast<void>(read_request(peers.back()));
    }
    for (TestStream& peer : peers) peer.send(ok_answer("hello"));
    for (TestStream& peer : peers) peer.wait_for_end();
  }
}

}  // namespace

GatheringServer::GatheringServer(std::size_t together) {
  const FileDescriptor listener = listen_on(loopback(0));
  endpoint_ = bound_to(listener.get());
  pid_ = ::fork();
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid_ > 0) return;
  try {
    serve(listener.get(), together);
  } catch (const std::exception&) {
    // Its clients will miss it.
  }
  ::_exit(EXIT_SUCCESS);
}

GatheringServer::~GatheringServer() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

Fetch GatheringServer::fetch() const {
  Fetch fetch;
  fetch.url = {.secure = false, .host = "gathering.test", .port = endpoint_.port, .target = "/"};
  fetch.endpoint = endpoint_;
  return fetch;
}

}  // namespace concurrency_models
