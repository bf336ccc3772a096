// What the origin answers. How it starts and ends is in origin_program_test.cpp.
#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "concurrency_models/origin_protocol.h"
#include "support/origin_program.h"
#include "support/test_certificates.h"

namespace concurrency_models {
namespace {

using namespace std::chrono_literals;

/// One origin for each test, which nothing else has touched.
class OriginTest : public testing::Test {
 protected:
  OriginProgram origin;
};

TestStream plain(const OriginProgram& origin) { return TestStream::connect_to(origin.http()); }

TestStream secure(const OriginProgram& origin) {
  std::optional<TestStream> stream = origin.connect_tls("localhost");
  if (!stream) throw std::runtime_error("no TLS with the origin");
  return std::move(*stream);
}

/// Sends a request on a connection of its own and reads what comes until the origin closes it.
std::string everything_after(const OriginProgram& origin, const std::string& request) {
  TestStream stream = plain(origin);
  stream.send(request);
  return stream.read_to_end();
}

class OriginSchemeTest : public OriginTest, public testing::WithParamInterface<bool> {
 protected:
  [[nodiscard]] TestStream connect() const { return GetParam() ? secure(origin) : plain(origin); }
};

TEST_P(OriginSchemeTest, AnswersWithWhatWasAskedFor) {
  TestStream stream = connect();
  const std::uint64_t pattern_size = origin_pattern().size();
  // Around what fits in a TLS record, and around the pattern's end.
  for (const std::uint64_t bytes :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1024}, std::uint64_t{16383},
        std::uint64_t{16384}, std::uint64_t{16385}, pattern_size - 1, pattern_size,
        pattern_size + 1, 2 * pattern_size + 5, std::uint64_t{1} << 20}) {
    const Answer answer = get(stream, origin_target(0us, bytes));
    EXPECT_EQ(answer.status, 200);
    ASSERT_EQ(answer.body.size(), bytes);
    EXPECT_TRUE(matches_origin_pattern(0, answer.body)) << bytes;
  }
}

TEST_P(OriginSchemeTest, AnswersManyRequestsOnOneConnection) {
  TestStream stream = connect();
  for (std::uint64_t bytes = 1; bytes <= 100; ++bytes) {
    ASSERT_EQ(get(stream, origin_target(0us, bytes)).body.size(), bytes);
  }
}

TEST_P(OriginSchemeTest, AnswersRequestsThatComeTogetherInTheirOrder) {
  TestStream stream = connect();
  stream.send(get_request("/?bytes=11") + get_request("/nowhere") + get_request("/?bytes=22"));
  EXPECT_EQ(read_answer(stream).body.size(), 11U);
  EXPECT_EQ(read_answer(stream).status, 404);
  EXPECT_EQ(read_answer(stream).body.size(), 22U);
}

TEST_P(OriginSchemeTest, ClosesAConnectionThatIsToBeClosed) {
  TestStream stream = connect();
  stream.send(get_request("/?bytes=5", "Connection: close\r\n"));
  const Answer answer = read_answer(stream);
  EXPECT_EQ(answer.body.size(), 5U);
  EXPECT_NE(answer.header.find("Connection: close"), std::string::npos) << answer.header;
  EXPECT_EQ(stream.read_to_end(), "");
  if (GetParam()) {
    EXPECT_NE(::SSL_get_shutdown(stream.tls()) & SSL_RECEIVED_SHUTDOWN, 0)
        << "TLS was cut off instead of closed";
  }
}

TEST_P(OriginSchemeTest, DoesNotAnswerBeforeTheDelayIsOver) {
  TestStream stream = connect();
  for (const auto delay : {30ms, 1ms, 0ms}) {
    const auto start = std::chrono::steady_clock::now();
    const Answer answer = get(stream, origin_target(delay, 3));
    EXPECT_GE(std::chrono::steady_clock::now() - start, delay);
    EXPECT_EQ(answer.body.size(), 3U);
  }
}

INSTANTIATE_TEST_SUITE_P(Schemes, OriginSchemeTest, testing::Bool(),
                         [](const auto& scheme) { return scheme.param ? "https" : "http"; });

TEST_F(OriginTest, ADelayHoldsUpNobodyElse) {
  TestStream slow = plain(origin);
  TestStream fast = plain(origin);
  ASSERT_TRUE(slow.send(get_request(origin_target(max_origin_delay, 1))));
  EXPECT_EQ(get(fast, origin_target(0us, 7)).body.size(), 7U);
}

TEST_F(OriginTest, KeepsALargeAnswerForAClientThatIsSlowToRead) {
  TestStream slow = plain(origin);
  TestStream fast = plain(origin);
  ASSERT_TRUE(slow.send(get_request(origin_target(0us, max_origin_bytes))));
  EXPECT_EQ(get(fast, origin_target(0us, 7)).body.size(), 7U);
  const Answer answer = read_answer(slow);
  EXPECT_EQ(answer.body.size(), max_origin_bytes);
  EXPECT_TRUE(matches_origin_pattern(0, answer.body));
}

TEST_F(OriginTest, DefaultsToNoDelayAndNoBytes) {
  TestStream stream = plain(origin);
  EXPECT_EQ(get(stream, "/").status, 200);
  EXPECT_EQ(get(stream, "/").body, "");
  EXPECT_EQ(get(stream, "/?bytes=9").body.size(), 9U);
  EXPECT_EQ(get(stream, "/?delay_us=1").body, "");
  EXPECT_EQ(get(stream, "/?bytes=9&delay_us=1").body.size(), 9U);
}

TEST_F(OriginTest, RefusesParametersItDoesNotUnderstand) {
  TestStream stream = plain(origin);
  for (const std::string target :
       {"/?bytes=x", "/?bytes=-1", "/?bytes=+1", "/?bytes=1.5", "/?bytes=", "/?bytes", "/?bytes=1x",
        "/?bytes=%20", "/?bytes=67108865", "/?bytes=99999999999999999999", "/?delay_us=x",
        "/?delay_us=-1", "/?delay_us=600000001", "/?delay_us=1e3", "/?size=1", "/?bytes=1&more=2",
        "/?="}) {
    const Answer answer = get(stream, target);
    EXPECT_EQ(answer.status, 400) << target;
    EXPECT_FALSE(answer.body.empty()) << target << " without a reason";
  }
}

TEST_F(OriginTest, KnowsNoOtherPaths) {
  TestStream stream = plain(origin);
  for (const std::string target : {"/nowhere", "/cpu/", "/cpux", "//", "/index.html?bytes=1"}) {
    EXPECT_EQ(get(stream, target).status, 404) << target;
  }
}

TEST_F(OriginTest, AnswersNothingButGet) {
  for (const std::string method : {"POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "BREW"}) {
    TestStream stream = plain(origin);
    stream.send(method + " / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    EXPECT_TRUE(stream.read_until("\r\n\r\n").starts_with("HTTP/1.1 405 ")) << method;
  }
}

TEST_F(OriginTest, TellsTheProcessorTimeItHasUsed) {
  TestStream stream = plain(origin);
  const double before = std::stod(get(stream, "/cpu").body);
  EXPECT_GT(before, 0);
  double now = before;
  // Every answer costs something; the clock counts nanoseconds.
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(get(stream, origin_target(0us, 1 << 20)).status, 200);
    const double next = std::stod(get(stream, std::string(origin_cpu_target)).body);
    EXPECT_GT(next, now);
    now = next;
  }
  EXPECT_LT(now, 60) << "these are seconds";
}

TEST_F(OriginTest, TakesARequestInPieces) {
  TestStream stream = plain(origin);
  for (const char character : get_request("/?bytes=12")) {
    ASSERT_TRUE(stream.send({&character, 1}));
  }
  EXPECT_EQ(read_answer(stream).body.size(), 12U);
}

TEST_F(OriginTest, DropsWhatIsNoRequest) {
  for (const std::string request :
       {"\r\n\r\n\r\n", "nonsense\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
        "GET /a b HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"}) {
    EXPECT_EQ(everything_after(origin, request), "") << request;
  }
  TestStream stream = plain(origin);
  EXPECT_EQ(get(stream, "/?bytes=1").body.size(), 1U) << "it must survive them";
}

TEST_F(OriginTest, DropsARequestThatIsTooLong) {
  const std::string long_header = "X: " + std::string(9000, 'a') + "\r\n";
  EXPECT_EQ(everything_after(origin, get_request("/", long_header)), "");
  EXPECT_EQ(everything_after(origin, get_request("/?" + std::string(9000, 'a'))), "");
  // Without an end, too: nobody may fill its memory.
  TestStream endless = plain(origin);
  const std::string more(65536, 'a');
  endless.send("GET / HTTP/1.1\r\nX: ");
  while (endless.send(more)) {
  }
  TestStream stream = plain(origin);
  const std::string header_that_fits = "X: " + std::string(7000, 'a') + "\r\n";
  stream.send(get_request("/?bytes=1", header_that_fits));
  EXPECT_EQ(read_answer(stream).body.size(), 1U);
}

TEST_F(OriginTest, SurvivesClientsThatLeave) {
  for (int i = 0; i < 20; ++i) {
    TestStream during_answer = plain(origin);
    during_answer.send(get_request(origin_target(0us, max_origin_bytes)));
    ASSERT_FALSE(during_answer.read_some().empty());
    during_answer.reset();
    TestStream during_delay = plain(origin);
    during_delay.send(get_request(origin_target(1ms, 1)));
    during_delay.reset();
    TestStream during_handshake = TestStream::connect_to(origin.https());
    during_handshake.send("\x16\x03\x01");
    during_handshake.reset();
    TestStream during_secure_answer = secure(origin);
    during_secure_answer.send(get_request(origin_target(0us, max_origin_bytes)));
    ASSERT_FALSE(during_secure_answer.read_some().empty());
    during_secure_answer.reset();
  }
  TestStream stream = plain(origin);
  EXPECT_EQ(get(stream, "/?bytes=1").body.size(), 1U);
}

TEST_F(OriginTest, ItsCertificateIsForItsHostsAndLoopback) {
  std::vector<std::string> names = {"localhost", "127.0.0.1", "::1"};
  for (const OriginHost& host : origin_hosts()) names.emplace_back(host.name);
  for (const std::string& name : names) EXPECT_TRUE(origin.connect_tls(name)) << name;
  for (const std::string name :
       {"host11.origin.test", "origin.test", "a.host01.origin.test", "127.0.0.2", "example.org"}) {
    EXPECT_FALSE(origin.connect_tls(name)) << name;
  }
}

TEST_F(OriginTest, ItsKeysAreEllipticAndItsOwn) {
  TestStream stream = secure(origin);
  X509* const certificate = SSL_get0_peer_certificate(stream.tls());
  EXPECT_EQ(::EVP_PKEY_get_base_id(::X509_get0_pubkey(certificate)), EVP_PKEY_EC);
  EXPECT_EQ(::EVP_PKEY_get_bits(::X509_get0_pubkey(certificate)), 256);
  EXPECT_STREQ(::SSL_get_version(stream.tls()), "TLSv1.3");
  EXPECT_EQ(SSL_get_negotiated_group(stream.tls()), NID_X25519);

  const OriginProgram other;
  EXPECT_NE(other.ca_pem(), origin.ca_pem()) << "each makes an authority of its own";
  const TestContext trusts_other = verifying_client(other.ca_pem());
  TestSsl ssl(::SSL_new(trusts_other.get()));
  ::SSL_set_connect_state(ssl.get());
  EXPECT_FALSE(TestStream::connect_to(origin.https()).start_tls(std::move(ssl)));
}

class OriginTlsVersionTest : public OriginTest, public testing::WithParamInterface<int> {};

TEST_P(OriginTlsVersionTest, ResumesNoSession) {
  const TestContext context = trusting_client();
  ::SSL_CTX_set_max_proto_version(context.get(), GetParam());
  SSL_SESSION* session = nullptr;
  for (int i = 0; i < 3; ++i) {
    TestSsl ssl(::SSL_new(context.get()));
    ::SSL_set_connect_state(ssl.get());
    if (session != nullptr) {
      ::SSL_set_session(ssl.get(), session);
      ::SSL_SESSION_free(session);
    }
    TestStream stream = TestStream::connect_to(origin.https());
    ASSERT_TRUE(stream.start_tls(std::move(ssl))) << stream.tls_error();
    EXPECT_EQ(::SSL_version(stream.tls()), GetParam());
    EXPECT_EQ(::SSL_session_reused(stream.tls()), 0);
    // With TLS 1.3, what could be resumed comes with the first answer.
    EXPECT_EQ(get(stream, "/?bytes=1").body.size(), 1U);
    session = ::SSL_get1_session(stream.tls());
    EXPECT_EQ(::SSL_SESSION_has_ticket(session), 0);
  }
  ::SSL_SESSION_free(session);
}

INSTANTIATE_TEST_SUITE_P(Versions, OriginTlsVersionTest,
                         testing::Values(TLS1_2_VERSION, TLS1_3_VERSION), [](const auto& version) {
                           return version.param == TLS1_2_VERSION ? "TLS1_2" : "TLS1_3";
                         });

}  // namespace
}  // namespace concurrency_models
