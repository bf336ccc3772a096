#include "curl_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <stdexcept>
#include <string>
#include <system_error>

namespace concurrency_models::bench::peers {
namespace {

constexpr std::size_t events_at_once = 128;

void require(CURLMcode code) {
  if (code == CURLM_OK) return;
  throw std::runtime_error(std::string("libcurl's multi interface: ") +
                           ::curl_multi_strerror(code));
}

std::uint32_t to_epoll(int what) {
  std::uint32_t events = 0;
  if (what == CURL_POLL_IN || what == CURL_POLL_INOUT) events |= EPOLLIN;
  if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT) events |= EPOLLOUT;
  return events;
}

int to_curl(std::uint32_t events) {
  int ready = 0;
  if ((events & EPOLLIN) != 0) ready |= CURL_CSELECT_IN;
  if ((events & EPOLLOUT) != 0) ready |= CURL_CSELECT_OUT;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) ready |= CURL_CSELECT_ERR;
  return ready;
}

}  // namespace

CurlLoop::CurlLoop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), multi_(::curl_multi_init()) {
  if (epoll_.get() < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  if (!multi_) throw std::bad_alloc();
  require(::curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, on_socket));
  require(::curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this));
  require(::curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, on_timer));
  require(::curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this));
  require(::curl_multi_setopt(multi_.get(), CURLMOPT_PIPELINING, CURLPIPE_NOTHING));
}

void CurlLoop::begin(CURL* handle) {
  require(::curl_multi_add_handle(multi_.get(), handle));
  ++under_way_;
}

int CurlLoop::on_socket(CURL* /*handle*/, curl_socket_t socket, int what, void* self, void* known) {
  auto& loop = *static_cast<CurlLoop*>(self);
  epoll_event event{};
  event.events = to_epoll(what);
  event.data.fd = socket;
  const int operation = what == CURL_POLL_REMOVE ? EPOLL_CTL_DEL
                        : known != nullptr       ? EPOLL_CTL_MOD
                                                 : EPOLL_CTL_ADD;
  const bool refused = ::epoll_ctl(loop.epoll_.get(), operation, socket, &event) != 0;
  if (operation == EPOLL_CTL_ADD) ::curl_multi_assign(loop.multi_.get(), socket, self);
  return refused && operation != EPOLL_CTL_DEL ? -1 : 0;
}

int CurlLoop::on_timer(CURLM* /*multi*/, long timeout_ms, void* self) {
  auto& timer = static_cast<CurlLoop*>(self)->timer_;
  if (timeout_ms < 0) {
    timer.reset();
  } else {
    timer = Clock::now() + std::chrono::milliseconds(timeout_ms);
  }
  return 0;
}

void CurlLoop::take_due_steps() {
  if (!timer_ || *timer_ > Clock::now()) return;
  timer_.reset();  // libcurl sets the next one meanwhile
  int running = 0;
  require(::curl_multi_socket_action(multi_.get(), CURL_SOCKET_TIMEOUT, 0, &running));
}

void CurlLoop::wait() {
  std::array<epoll_event, events_at_once> events{};
  int timeout_ms = -1;
  if (timer_) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*timer_ - Clock::now()).count();
    timeout_ms =
        static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
  }
  const int ready =
      ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout_ms);
  if (ready < 0 && errno != EINTR) {
    throw std::system_error(errno, std::generic_category(), "epoll_wait");
  }
  for (int i = 0; i < ready; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    int running = 0;
    require(
        ::curl_multi_socket_action(multi_.get(), event.data.fd, to_curl(event.events), &running));
  }
}

void CurlLoop::end_all_that_are_over(const Ended& ended) {
  int left = 0;
  while (const CURLMsg* const message = ::curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const handle = message->easy_handle;
    const CURLcode code = message->data.result;
    require(::curl_multi_remove_handle(multi_.get(), handle));  // the message goes with it
    --under_way_;
    ended(handle, code);
  }
}

void CurlLoop::run(const Ended& ended) {
  while (under_way_ > 0) {
    wait();
    take_due_steps();
    end_all_that_are_over(ended);
  }
}

}  // namespace concurrency_models::bench::peers
