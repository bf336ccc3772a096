#include "support/scripted_server.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <array>
#include <exception>

#include "support/listener.h"

namespace concurrency_models {
namespace {

Endpoint any_port(bool v6) {
  Endpoint endpoint = loopback(0);
  if (v6) {
    endpoint.v6 = true;
    endpoint.address = {};
    endpoint.address.back() = 1;
  }
  return endpoint;
}

}  // namespace

ScriptedServer::ScriptedServer(Script script, const Options& options)
    : script_(std::move(script)),
      tls_(options.tls),
      listener_(listen_on(any_port(options.v6))),
      endpoint_(bound_to(listener_.get())),
      stop_(make_pipe()),
      thread_([this] { serve(); }) {}

void ScriptedServer::stop() {
  stop_.write.close();
  if (thread_.joinable()) thread_.join();
}

Fetch ScriptedServer::fetch(const std::string& host) const {
  Fetch fetch;
  fetch.url = {.secure = tls_ != nullptr, .host = host, .port = endpoint_.port, .target = "/"};
  fetch.endpoint = endpoint_;
  return fetch;
}

void ScriptedServer::serve() {
  // OpenSSL writes to sockets with write(2): a peer that is gone must not end the test program. On
  // this thread only, because the client has to do without.
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  while (true) {
    std::array<pollfd, 2> wanted = {{{.fd = listener_.get(), .events = POLLIN, .revents = 0},
                                     {.fd = stop_.read.get(), .events = POLLIN, .revents = 0}}};
    if (::poll(wanted.data(), wanted.size(), -1) < 0) continue;
    if (wanted[1].revents != 0) return;
    FileDescriptor socket(::accept(listener_.get(), nullptr, nullptr));
    if (socket.get() < 0) continue;
    ++connections_;
    try {
      serve_one(TestStream(std::move(socket), stop_.read.get()));
    } catch (const Stopped&) {
      return;
    } catch (const std::exception& error) {
      ADD_FAILURE() << "a scripted server: " << error.what();
    }
  }
}

void ScriptedServer::serve_one(TestStream peer) {
  if (tls_ != nullptr) {
    TestSsl ssl(::SSL_new(tls_));
    ::SSL_set_accept_state(ssl.get());
    if (!peer.start_tls(std::move(ssl))) return;
  }
  script_(peer);
}

std::string read_request(TestStream& peer) { return peer.read_until("\r\n\r\n"); }

std::string ok_answer(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace concurrency_models
