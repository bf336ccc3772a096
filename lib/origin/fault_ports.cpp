#include "fault_ports.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

#include "server_stream.h"

namespace concurrency_models::origin {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// What befalls a connection right after it was accepted.
using Misbehaviour = asio::awaitable<void> (*)(ServerStream& stream);

asio::awaitable<void> stall(ServerStream& stream) { return stream.wait_for_peer_to_leave(); }

asio::awaitable<void> close(ServerStream& stream) { return stream.close(); }

asio::awaitable<void> reset(ServerStream& stream) {
  stream.reset();
  co_return;
}

asio::awaitable<void> misbehave(tcp::socket socket, Limits limits, Misbehaviour misbehaviour) {
  ServerStream stream(std::move(socket), limits);
  co_await misbehaviour(stream);
}

}  // namespace

struct FaultPorts::Port {
  explicit Port(asio::io_context& loop) : acceptor(loop), first_in_queue(loop) {}

  tcp::acceptor acceptor;  ///< bound, in any case
  tcp::socket first_in_queue;
};

FaultPorts::FaultPorts(asio::io_context& loop, const asio::ip::address& address,
                       ConnectionCount& count, const Limits& limits) {
  const auto bind = [&](const char* fault) -> Port& {
    Port& port = *ports_.emplace_back(std::make_unique<Port>(loop));
    const tcp::endpoint any_port(address, 0);
    port.acceptor.open(any_port.protocol());
    port.acceptor.bind(any_port);
    numbers_[fault] = port.acceptor.local_endpoint().port();
    return port;
  };

  // What is bound and not listened on refuses, and nobody else can take it meanwhile.
  bind("refuse");

  // A queue for one, who is this program itself and is never let in: the system then drops whoever
  // wants to connect.
  Port& full = bind("stall_in_connect");
  full.acceptor.listen(0);
  full.first_in_queue.connect(full.acceptor.local_endpoint());

  const std::pair<const char*, Misbehaviour> after_accept[] = {
      {"stall_after_accept", stall}, {"reset_after_accept", reset}, {"close_after_accept", close}};
  for (const auto& [fault, misbehaviour] : after_accept) {
    tcp::acceptor& acceptor = bind(fault).acceptor;
    acceptor.listen();
    accept_all(acceptor, count, [limits, misbehaviour = misbehaviour](tcp::socket socket) {
      return misbehave(std::move(socket), limits, misbehaviour);
    });
  }
}

FaultPorts::~FaultPorts() = default;

std::string FaultPorts::list() const {
  std::string text;
  for (const OriginFault& fault : origin_faults()) {
    const std::string name(fault.name);
    text += name;
    switch (fault.asked_by) {
      case OriginFault::AskedBy::port:
        text += " port " + std::to_string(numbers_.at(name));
        break;
      case OriginFault::AskedBy::server_name:
        text += " server_name " + name + std::string(origin_fault_domain);
        break;
      case OriginFault::AskedBy::path:
        text += " path &fault=" + name;
        break;
    }
    text += '\n';
  }
  return text;
}

}  // namespace concurrency_models::origin
