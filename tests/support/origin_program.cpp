#include "support/origin_program.h"

#include <openssl/x509v3.h>

#include <sstream>
#include <stdexcept>

#include "support/test_certificates.h"

namespace concurrency_models {
namespace {

std::vector<std::string> command_of(const std::string& program,
                                    std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), program);
  return arguments;
}

}  // namespace

Announcement read_announcement(RunningProgram& program) {
  std::istringstream said(program.read_until("-----END CERTIFICATE-----\n"));
  std::string https;
  std::string http;
  std::uint16_t https_port = 0;
  std::uint16_t http_port = 0;
  said >> https >> https_port >> http >> http_port >> std::ws;
  Announcement announcement{.https = loopback(https_port),
                            .http = loopback(http_port),
                            .ca_pem = {std::istreambuf_iterator<char>(said), {}}};
  if (!said || https != "https_port" || http != "http_port" ||
      !announcement.ca_pem.starts_with("-----BEGIN CERTIFICATE-----\n")) {
    throw std::runtime_error("an origin announced itself in other words: " + said.str());
  }
  return announcement;
}

OriginProgram::OriginProgram(const std::vector<std::string>& arguments)
    : OriginProgram(CONCURRENCY_MODELS_ORIGIN, arguments) {}

OriginProgram::OriginProgram(const std::string& program, std::vector<std::string> arguments)
    : program_(command_of(program, std::move(arguments))),
      announcement_(read_announcement(program_)) {}

std::optional<TestStream> OriginProgram::connect_tls(const std::string& name) const {
  const TestContext context = verifying_client(ca_pem());
  TestSsl ssl(::SSL_new(context.get()));
  ::SSL_set_connect_state(ssl.get());
  // Without wildcards or the subject's common name, which no client ought to take.
  ::SSL_set_hostflags(ssl.get(),
                      X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_WILDCARDS);
  if (::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(ssl.get()), name.c_str()) != 1) {
    ::SSL_set1_host(ssl.get(), name.c_str());
    ::SSL_set_tlsext_host_name(ssl.get(), name.c_str());
  }
  TestStream stream = TestStream::connect_to(https());
  if (!stream.start_tls(std::move(ssl))) return std::nullopt;
  return stream;
}

Answer read_answer(TestStream& stream) {
  Answer answer;
  answer.header = stream.read_until("\r\n\r\n");
  if (!answer.header.starts_with("HTTP/1.1 ")) return answer;
  answer.status = std::stoi(answer.header.substr(9));
  const std::string key = "\r\nContent-Length: ";
  if (const auto at = answer.header.find(key); at != std::string::npos) {
    answer.body = stream.read_exactly(std::stoul(answer.header.substr(at + key.size())));
  }
  return answer;
}

std::string get_request(const std::string& target, const std::string& more) {
  return "GET " + target + " HTTP/1.1\r\nHost: host01.origin.test\r\n" + more + "\r\n";
}

Answer get(TestStream& stream, const std::string& target) {
  if (!stream.send(get_request(target))) return {};
  return read_answer(stream);
}

}  // namespace concurrency_models
