// The origin: an HTTP and HTTPS server for clients to be measured against.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/system/errc.hpp>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "certificates.h"
#include "concurrency_models/descriptor_limit.h"
#include "concurrency_models/origin_fault.h"
#include "concurrency_models/origin_protocol.h"
#include "fault_ports.h"
#include "faulty_handshakes.h"
#include "host_name.h"
#include "limits.h"
#include "platform/platform.h"
#include "server.h"

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr int usage_error = 2;

struct Options {
  std::string address = "127.0.0.1";
  std::uint16_t https_port = 0;
  std::uint16_t http_port = 0;
  std::vector<std::string> host_names;
  std::string ca_file;
  concurrency_models::origin::Limits limits;
  bool session_tickets = false;
  bool stay = false;
};

/// What to do when a socket cannot be had, or not at that address.
std::string advice(const boost::system::error_code& error, const std::string& otherwise) {
  namespace errc = boost::system::errc;
  if (error == errc::too_many_files_open || error == errc::too_many_files_open_in_system) {
    return "allow more open files (ulimit -Hn)";
  }
  return otherwise;
}

tcp::acceptor listen(asio::io_context& loop, const std::string& address, std::uint16_t port) {
  try {
    return tcp::acceptor(loop, tcp::endpoint(asio::ip::make_address(address), port));
  } catch (const boost::system::system_error& error) {
    throw std::runtime_error("cannot listen on " + address + " port " + std::to_string(port) +
                             ": " + error.code().message() + "; " +
                             advice(error.code(), "choose another address or port"));
  }
}

auto open_fault_ports(asio::io_context& loop, const std::string& address,
                      concurrency_models::origin::ConnectionCount& count,
                      const concurrency_models::origin::Limits& limits) {
  using concurrency_models::origin::FaultPorts;
  try {
    return std::make_unique<FaultPorts>(loop, asio::ip::make_address(address), count, limits);
  } catch (const boost::system::system_error& error) {
    throw std::runtime_error("cannot open the ports for faults on " + address + ": " +
                             error.code().message() + "; " +
                             advice(error.code(), "choose another address"));
  }
}

void write_ca(const std::string& file, const std::string& pem) {
  std::ofstream out(file);
  out << pem << std::flush;
  if (!out) throw std::runtime_error("cannot write the CA file " + file + "; choose another one");
}

/// Says what is wrong with a value as CLI11 wants it: the option's name goes before.
std::string bad_value(const std::string& value, const std::string& accepted) {
  return '\'' + value + "': must be " + accepted;
}

void add_port(CLI::App& app, const std::string& name, std::uint16_t& port) {
  const auto parse = [name, &port](const std::string& text) {
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, port);
    if (error == std::errc{} && rest == end) return;
    throw CLI::ValidationError(name, bad_value(text, "a whole number from 0 to 65535"));
  };
  app.add_option_function<std::string>(name, parse, "0: any free port")
      ->type_name("PORT")
      ->default_str(std::to_string(port));
}

/// Milliseconds are what the limits count in.
void add_timeout(CLI::App& app, const std::string& name, std::chrono::milliseconds& timeout,
                 const std::string& what) {
  const auto parse = [name, &timeout](const std::string& text) {
    constexpr double least = 0.001;
    constexpr double most = 86400;
    double seconds = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, seconds);
    if (error == std::errc{} && rest == end && seconds >= least && seconds <= most) {
      timeout =
          std::chrono::ceil<std::chrono::milliseconds>(std::chrono::duration<double>(seconds));
      return;
    }
    throw CLI::ValidationError(name, bad_value(text, "seconds from 0.001 to 86400"));
  };
  app.add_option_function<std::string>(name, parse, what)
      ->type_name("SECONDS")
      ->default_str(std::to_string(std::chrono::ceil<std::chrono::seconds>(timeout).count()));
}

void add_connections(CLI::App& app, std::size_t& connections) {
  const std::string name = "--max-connections";
  const auto parse = [name, &connections](const std::string& text) {
    constexpr std::size_t most = 10'000'000;
    std::size_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc{} && rest == end && number >= 1 && number <= most) {
      connections = number;
      return;
    }
    throw CLI::ValidationError(name, bad_value(text, "a whole number from 1 to 10000000"));
  };
  app.add_option_function<std::string>(name, parse, "Connections at once; others wait")
      ->type_name("N")
      ->default_str(std::to_string(connections));
}

/// Anything else would be taken for more of OpenSSL's configuration.
std::string check_host_name(const std::string& name) {
  if (!name.empty() && concurrency_models::is_host_name(name)) return {};
  return bad_value(name, "a host name such as example.test");
}

/// Else CLI11 would say merely that it could not convert it.
std::string check_switch(const std::string& text) {
  return text == "true" || text == "false" ? "" : bad_value(text, "true or false");
}

/// A pipe, a terminal or a socket ends when whoever holds its other end is gone; a file or
/// /dev/null has ended as good as.
bool input_can_end_later() {
  struct stat input {};
  return ::fstat(STDIN_FILENO, &input) == 0 &&
         (S_ISFIFO(input.st_mode) || S_ISSOCK(input.st_mode) || ::isatty(STDIN_FILENO) != 0);
}

/// Stops the loop when standard input ends: whoever started this program is gone.
class ParentWatch {
 public:
  explicit ParentWatch(asio::io_context& loop) : loop_(loop), input_(loop, ::dup(STDIN_FILENO)) {
    wait();
  }

 private:
  void wait() {
    input_.async_read_some(asio::buffer(buffer_), [this](boost::system::error_code error, auto) {
      if (error) return loop_.stop();
      wait();
    });
  }

  asio::io_context& loop_;
  asio::posix::stream_descriptor input_;
  std::array<char, 256> buffer_{};
};

bool is_loopback(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).is_loopback();
  }
  return address.is_loopback();
}

void warn_of_others(const std::string& address) {
  if (is_loopback(asio::ip::make_address(address))) return;
  std::cerr << "origin: warning: others than this computer can reach it at " << address
            << ", and it sends and computes for whoever asks; without --address, it listens on "
               "loopback only\n";
}

void run(const Options& options) {
  using namespace concurrency_models;
  // Its private keys would be in the dump. They are not kept from other processes of the same user:
  // what does that, PR_SET_DUMPABLE, would take from the user what shows how the origin fares, such
  // as its descriptors, its memory and perf, and such a process could as well replace the program.
  platform::forbid_core_dumps();
  raise_descriptor_limit();  // thousands of connections at once need as many
  const origin::ServerTls tls =
      origin::make_server_tls(options.host_names, options.session_tickets);

  origin::ConnectionCount count{.limit = options.limits.connections};
  asio::io_context loop(1);
  tcp::acceptor https = listen(loop, options.address, options.https_port);
  tcp::acceptor http = listen(loop, options.address, options.http_port);
  const auto https_port = https.local_endpoint().port();
  const auto http_port = http.local_endpoint().port();
  const auto fault_ports = open_fault_ports(loop, options.address, count, options.limits);
  const origin::Service service{.faults = fault_ports->list(), .limits = options.limits};
  origin::take_requests_for_faulty_handshakes(tls);
  origin::serve(https, count, tls.context.get(), service);
  origin::serve(http, count, nullptr, service);

  warn_of_others(options.address);
  if (!options.ca_file.empty()) write_ca(options.ca_file, tls.ca_pem);
  std::cout << "https_port " << https_port << "\nhttp_port " << http_port << '\n'
            << tls.ca_pem << std::flush;

  asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&loop](boost::system::error_code, int) { loop.stop(); });
  std::optional<ParentWatch> parent;
  if (!options.stay) parent.emplace(loop);
  loop.run();
}

/// The faults and how a client gets them, for --help.
std::string describe_faults() {
  using concurrency_models::OriginFault;
  std::string text =
      "Asked for it, it misbehaves, so that clients can be tried: by a request for\n"
      "/?delay_us=N&bytes=N&fault=NAME; by a TLS server name of NAME.fault.origin.test; or by a\n"
      "connection to a port of its own. GET /faults lists which fault is had which way, and the\n"
      "ports. bench --fault NAME makes one of its hosts misbehave.\n";
  for (const OriginFault& fault : concurrency_models::origin_faults()) {
    std::string name(fault.name);
    constexpr std::size_t column = 32;
    if (name.size() < column) name.append(column - name.size(), ' ');
    text.append("\n  ").append(name).append(fault.what);
  }
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (const auto& host : concurrency_models::origin_hosts()) {
    options.host_names.emplace_back(host.name);
  }
  CLI::App app(
      "An HTTPS and HTTP server for bench to fetch from. GET /?delay_us=N&bytes=N answers after N\n"
      "microseconds with N bytes; GET /cpu tells the CPU seconds it has used. It makes itself a\n"
      "certificate authority, kept in memory, and prints, when ready, its two ports and the\n"
      "authority's certificate. It leaves when its standard input ends.\n"
      "\n"
      "Example: origin --https-port 8443 --ca-file ca.pem\n"
      "         bench --origin https://127.0.0.1:8443 --ca ca.pem --benchmark_filter=io_\n",
      "origin");
  app.footer(describe_faults());
  app.add_option("--address", options.address, "Address to listen on")->capture_default_str();
  add_port(app, "--https-port", options.https_port);
  add_port(app, "--http-port", options.http_port);
  app.add_option("--host-name", options.host_names,
                 "Name the certificate is for, instead of the ten hosts'; may be repeated")
      ->check(check_host_name);
  app.add_option("--ca-file", options.ca_file, "Write the authority's certificate there as well");
  add_timeout(app, "--request-timeout", options.limits.request_timeout,
              "For a handshake, for a whole request, and for each 16 KiB of an answer to be taken");
  add_timeout(app, "--answer-timeout", options.limits.answer_timeout,
              "For a whole answer to be taken, after its delay");
  add_connections(app, options.limits.connections);
  app.add_flag("--session-tickets", options.session_tickets,
               "Let TLS sessions be resumed, as bench --connection resumed needs it")
      ->check(check_switch);
  app.add_flag("--stay", options.stay, "Do not leave when standard input ends")
      ->check(check_switch);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    std::cerr << "origin: " << error.what() << "; see origin --help\n";
    return usage_error;
  }
  if (!options.stay && !input_can_end_later()) {
    std::cerr << "origin: leaving at once, for standard input has ended; to run without one, use "
                 "--stay\n";
    return usage_error;
  }
  try {
    run(options);
  } catch (const std::exception& error) {
    std::cerr << "origin: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
