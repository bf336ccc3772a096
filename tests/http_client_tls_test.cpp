// What TLS adds to the client's errors, for both twins.
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <chrono>
#include <cstdlib>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "concurrency_models/http_client.h"
#include "support/deadlines.h"
#include "support/scripted_server.h"
#include "support/temporary_directory.h"
#include "support/test_certificates.h"
#include "support/test_origin.h"
#include "support/ways_to_fetch.h"

namespace concurrency_models {
namespace {

using namespace std::chrono_literals;
using boost::system::error_code;

const std::string server_name = "scripted.test";

class HttpsClientTest : public testing::TestWithParam<WayToFetch> {
 protected:
  using Certificate = TestAuthority::Certificate;

  /// Fetches from a server with these settings, which answers if it comes to that.
  FetchResult fetch(SSL_CTX* tls, const std::string& host = server_name) {
    ScriptedServer server(
        [this](TestStream& peer) {
          resumed_ = resumed_ || ::SSL_session_reused(peer.tls()) != 0;
          const char* const name = ::SSL_get_servername(peer.tls(), TLSEXT_NAMETYPE_host_name);
          server_name_ = name != nullptr ? name : "";
          (void)read_request(peer);
          peer.send(ok_answer("hello"));
          peer.wait_for_end();
        },
        {.tls = tls, .v6 = false});
    const HttpClient client({.ca_pem = authority_.pem()});
    return GetParam().fetch(client, server.fetch(host));
  }

  FetchResult fetch(const Certificate& certificate, const std::string& host = server_name) {
    return fetch(authority_.server(certificate).get(), host);
  }

  /// Fetches over https from a server that does this instead of a handshake.
  FetchResult fetch_instead_of_handshake(ScriptedServer::Script script,
                                         std::chrono::nanoseconds deadline = 30s) const {
    ScriptedServer server(std::move(script));
    Fetch fetch = server.fetch(server_name);
    fetch.url.secure = true;
    const HttpClient client({.ca_pem = authority_.pem(), .deadline = deadline});
    return GetParam().fetch(client, fetch);
  }

  const TestAuthority authority_{"an authority"};
  bool resumed_ = false;
  std::string server_name_;  ///< what the client asked for
};

void expect_success(const FetchResult& result) {
  EXPECT_EQ(result.error.text(), JobError{}.text());
  EXPECT_EQ(result.bytes, 5U);
}

void expect_handshake_error(const FetchResult& result, const error_code& code) {
  EXPECT_EQ(result.error.stage, Stage::handshake) << result.error.text();
  EXPECT_EQ(result.error.code, code) << result.error.text();
}

error_code certificate(int value) { return {value, certificate_category()}; }

TEST_P(HttpsClientTest, TakesACertificateForTheHost) {
  expect_success(fetch({.names = "DNS:other.test,DNS:" + server_name}));
  EXPECT_EQ(server_name_, server_name) << "servers with many certificates need the name";
}

TEST_P(HttpsClientTest, RefusesACertificateForAnotherHost) {
  for (const std::string names : {"DNS:other.test", "DNS:test", "DNS:a.scripted.test",
                                  "DNS:scripted.test.other.test", "IP:127.0.0.1"}) {
    expect_handshake_error(fetch({.names = names}), certificate(X509_V_ERR_HOSTNAME_MISMATCH));
  }
}

TEST_P(HttpsClientTest, TakesEachKindOfKeyThatServersHave) {
  using Key = TestAuthority::Key;
  for (const Key key : {Key::ec, Key::ec_p384, Key::rsa, Key::rsa_pss, Key::ed25519, Key::ed448}) {
    SCOPED_TRACE(static_cast<int>(key));
    const TestContext tls = authority_.server({.names = "DNS:" + server_name, .key = key});
    expect_success(fetch(tls.get()));
    ::SSL_CTX_set_max_proto_version(tls.get(), TLS1_2_VERSION);
    expect_success(fetch(tls.get()));
  }
}

TEST_P(HttpsClientTest, TakesWildcardsForAWholeLabelOnly) {
  expect_success(fetch({.names = "DNS:*.scripted.test"}, "one.scripted.test"));
  const error_code mismatch = certificate(X509_V_ERR_HOSTNAME_MISMATCH);
  expect_handshake_error(fetch({.names = "DNS:*.scripted.test"}, "a.one.scripted.test"), mismatch);
  expect_handshake_error(fetch({.names = "DNS:o*.scripted.test"}, "one.scripted.test"), mismatch);
  expect_handshake_error(fetch({.names = "DNS:*.test"}, server_name), mismatch);
}

TEST_P(HttpsClientTest, AnAddressNeedsACertificateForTheAddress) {
  expect_success(fetch({.names = "IP:127.0.0.1"}, "127.0.0.1"));
  EXPECT_EQ(server_name_, "") << "RFC 6066 knows no addresses as names";
  expect_success(fetch({.names = "IP:::1"}, "::1"));
  const error_code mismatch = certificate(X509_V_ERR_IP_ADDRESS_MISMATCH);
  expect_handshake_error(fetch({.names = "DNS:127.0.0.1"}, "127.0.0.1"), mismatch);
  expect_handshake_error(fetch({.names = "IP:127.0.0.2"}, "127.0.0.1"), mismatch);
}

TEST_P(HttpsClientTest, RefusesACertificateOfAnotherAuthority) {
  // Of the same name, even.
  const TestAuthority other("an authority");
  const FetchResult result = fetch(other.server({.names = "DNS:" + server_name}).get());
  EXPECT_EQ(result.error.stage, Stage::handshake);
  EXPECT_STREQ(result.error.code.category().name(), certificate_category().name());
  const TestAuthority stranger("a stranger");
  expect_handshake_error(fetch(stranger.server({.names = "DNS:" + server_name}).get()),
                         certificate(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY));
}

TEST_P(HttpsClientTest, RefusesAnExpiredCertificate) {
  expect_handshake_error(fetch({.names = "DNS:" + server_name, .expired = true}),
                         certificate(X509_V_ERR_CERT_HAS_EXPIRED));
}

TEST_P(HttpsClientTest, TrustsEachAuthorityOfABundle) {
  const TestAuthority other("another authority");
  const HttpClient client({.ca_pem = other.pem() + "text in between\n" + authority_.pem()});
  for (const TestAuthority* const authority : {&authority_, &other}) {
    const TestContext tls = authority->server({.names = "DNS:" + server_name});
    ScriptedServer server(
        [](TestStream& peer) {
          (void)read_request(peer);
          peer.send(ok_answer("hello"));
          peer.wait_for_end();
        },
        {.tls = tls.get(), .v6 = false});
    expect_success(GetParam().fetch(client, server.fetch(server_name)));
  }
}

TEST_P(HttpsClientTest, WithoutAuthoritiesItTrustsTheSystems) {
  const Fetch site = test_sites().front();
  ::unsetenv("SSL_CERT_FILE");
  EXPECT_EQ(GetParam().fetch(HttpClient(ClientOptions{}), site).error.stage, Stage::handshake);
  // OpenSSL's way to say where the system's authorities are.
  const TemporaryDirectory directory;
  const std::string file = directory.write("ca.pem", test_origin().ca_pem());
  ::setenv("SSL_CERT_FILE", file.c_str(), 1);
  const HttpClient client(ClientOptions{});
  ::unsetenv("SSL_CERT_FILE");
  EXPECT_EQ(GetParam().fetch(client, site).error.text(), JobError{}.text());
}

TEST_P(HttpsClientTest, WithAuthoritiesItTrustsNoOthers) {
  const TemporaryDirectory directory;
  const std::string file = directory.write("ca.pem", test_origin().ca_pem());
  ::setenv("SSL_CERT_FILE", file.c_str(), 1);
  const HttpClient client({.ca_pem = authority_.pem()});
  const FetchResult result = GetParam().fetch(client, test_sites().front());
  ::unsetenv("SSL_CERT_FILE");
  expect_handshake_error(result, certificate(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY));
}

TEST_P(HttpsClientTest, TakesEachKindOfCipherSuiteThatItOffers) {
  using Key = TestAuthority::Key;
  for (const std::string suite :
       {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA384",
        "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES128-SHA256",
        "DHE-RSA-AES256-GCM-SHA384", "AES128-GCM-SHA256", "AES256-SHA256"}) {
    SCOPED_TRACE(suite);
    const Key key = suite.find("ECDSA") == std::string::npos ? Key::rsa : Key::ec;
    const TestContext tls = authority_.server({.names = "DNS:" + server_name, .key = key});
    ::SSL_CTX_set_max_proto_version(tls.get(), TLS1_2_VERSION);
    SSL_CTX_set_dh_auto(tls.get(), 1);
    ASSERT_EQ(::SSL_CTX_set_cipher_list(tls.get(), suite.c_str()), 1);
    expect_success(fetch(tls.get()));
    ::SSL_CTX_set_options(tls.get(), SSL_OP_NO_ENCRYPT_THEN_MAC);
    expect_success(fetch(tls.get()));
  }
  for (const char* const suite :
       {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}) {
    SCOPED_TRACE(suite);
    const TestContext tls = authority_.server({.names = "DNS:" + server_name});
    ASSERT_EQ(::SSL_CTX_set_ciphersuites(tls.get(), suite), 1);
    expect_success(fetch(tls.get()));
  }
}

TEST_P(HttpsClientTest, SpeaksTls1_2) {
  const TestContext tls = authority_.server({.names = "DNS:" + server_name});
  ::SSL_CTX_set_max_proto_version(tls.get(), TLS1_2_VERSION);
  expect_success(fetch(tls.get()));
}

TEST_P(HttpsClientTest, AServerOfTls1_1IsAnError) {
  const TestContext tls = authority_.server({.names = "DNS:" + server_name});
  allow_only_tls_1_1(tls.get());
  const FetchResult result = fetch(tls.get());
  EXPECT_EQ(result.error.stage, Stage::handshake);
  EXPECT_STREQ(result.error.code.category().name(), tls_category().name()) << result.error.text();
}

/// What clients say of earlier sessions when they say hello. Belongs to the server's thread.
struct OfferedSessions {
  std::set<std::string> given;  ///< identifiers of sessions that clients were given
  std::vector<bool> offered;    ///< of each client: one of these, or a ticket

  /// Has each hello looked at.
  void watch(SSL_CTX* tls) { ::SSL_CTX_set_client_hello_cb(tls, look_at_hello, this); }

  void add_session(SSL* tls) {
    unsigned size = 0;
    const unsigned char* const id = ::SSL_SESSION_get_id(::SSL_get_session(tls), &size);
    given.emplace(reinterpret_cast<const char*>(id), size);
  }

 private:
  static int look_at_hello(SSL* tls, int* /*alert*/, void* self) {
    auto& sessions = *static_cast<OfferedSessions*>(self);
    const unsigned char* data = nullptr;
    std::size_t size = 0;
    const bool psk = ::SSL_client_hello_get0_ext(tls, TLSEXT_TYPE_psk, &data, &size) == 1;
    // Without a ticket in it, the extension says no more than that the client knows of tickets.
    const bool ticket =
        ::SSL_client_hello_get0_ext(tls, TLSEXT_TYPE_session_ticket, &data, &size) == 1 && size > 0;
    size = ::SSL_client_hello_get0_session_id(tls, &data);
    const std::string id(reinterpret_cast<const char*>(data), size);
    sessions.offered.push_back(psk || ticket || sessions.given.contains(id));
    return SSL_CLIENT_HELLO_SUCCESS;
  }
};

TEST_P(HttpsClientTest, NeverOffersToResume) {
  struct Kind {
    int version;
    bool tickets;  ///< or identifiers of sessions that the server keeps
  };
  for (const auto [version, tickets] :
       {Kind{TLS1_2_VERSION, false}, Kind{TLS1_2_VERSION, true}, Kind{TLS1_3_VERSION, true}}) {
    const TestContext tls = authority_.server({.names = "DNS:" + server_name});
    ::SSL_CTX_set_max_proto_version(tls.get(), version);
    if (!tickets) ::SSL_CTX_set_options(tls.get(), SSL_OP_NO_TICKET);
    const unsigned char id = 1;
    ::SSL_CTX_set_session_id_context(tls.get(), &id, 1);
    // One server for all fetches, of one client: its port is part of what a session is stored by.
    OfferedSessions sessions;
    sessions.watch(tls.get());
    std::vector<bool> resumed;
    ScriptedServer server(
        [&](TestStream& peer) {
          resumed.push_back(::SSL_session_reused(peer.tls()) != 0);
          sessions.add_session(peer.tls());
          (void)read_request(peer);
          peer.send(ok_answer("hello"));
          peer.wait_for_end();
        },
        {.tls = tls.get(), .v6 = false});
    const HttpClient client({.ca_pem = authority_.pem()});
    for (int i = 0; i < 3; ++i) expect_success(GetParam().fetch(client, server.fetch(server_name)));
    server.stop();
    EXPECT_EQ(sessions.offered, std::vector<bool>(3, false));
    EXPECT_EQ(resumed, std::vector<bool>(3, false));
  }
}

TEST_P(HttpsClientTest, ABodyCutOffWithoutAGoodbyeIsAnError) {
  const TestContext tls = authority_.server({.names = "DNS:" + server_name});
  const HttpClient client({.ca_pem = authority_.pem()});
  for (const bool goodbye : {false, true}) {
    // Nothing else says where this body ends: anyone in between could have cut it.
    ScriptedServer server(
        [goodbye](TestStream& peer) {
          (void)read_request(peer);
          peer.send("HTTP/1.1 200 OK\r\n\r\nhello");
          if (goodbye) peer.send_close_notify();
          peer.end_sending();
          peer.wait_for_end();
        },
        {.tls = tls.get(), .v6 = false});
    const FetchResult result = GetParam().fetch(client, server.fetch(server_name));
    if (goodbye) {
      expect_success(result);
    } else {
      EXPECT_EQ(result.error.stage, Stage::body);
      EXPECT_EQ(result.error.code, error_code(Error::truncated)) << result.error.text();
    }
  }
}

TEST_P(HttpsClientTest, AServerThatSpeaksNoTlsIsAnError) {
  const FetchResult result = fetch_instead_of_handshake([](TestStream& peer) {
    (void)peer.read_some();
    peer.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    peer.wait_for_end();
  });
  expect_handshake_error(
      result,
      {static_cast<int>(ERR_PACK(ERR_LIB_SSL, 0, SSL_R_WRONG_VERSION_NUMBER)), tls_category()});
  EXPECT_EQ(result.error.text(), "TLS handshake: wrong version number");
}

TEST_P(HttpsClientTest, AConnectionThatEndsInTheHandshakeIsAnError) {
  // Before it has read anything, in the middle of a record, and after a goodbye.
  for (const std::string& part : {std::string(), std::string("\x16\x03\x03\x00\x7a\x02", 6),
                                  std::string("\x15\x03\x03\x00\x02\x01\x00", 7)}) {
    const FetchResult result = fetch_instead_of_handshake([&part](TestStream& peer) {
      (void)peer.read_some();
      peer.send(part);
      peer.end_sending();
      peer.wait_for_end();
    });
    expect_handshake_error(result, Error::truncated);
  }
}

TEST_P(HttpsClientTest, AnAlertIsAnErrorInItsOwnWords) {
  const FetchResult result = fetch_instead_of_handshake([](TestStream& peer) {
    (void)peer.read_some();
    peer.send(std::string("\x15\x03\x03\x00\x02\x02\x28", 7));  // fatal: handshake_failure
    peer.wait_for_end();
  });
  EXPECT_EQ(result.error.stage, Stage::handshake);
  EXPECT_NE(result.error.text().find("handshake failure"), std::string::npos)
      << result.error.text();
}

TEST_P(HttpsClientTest, TheDeadlineEndsAStallInTheHandshake) {
  for (const std::string& part : {std::string(), std::string("\x16\x03\x03\x00\x7a\x02", 6)}) {
    const auto stall = [&part](TestStream& peer) {
      peer.send(part);
      peer.wait_for_end();
    };
    const FetchResult result =
        let_deadline_pass_at(Stage::handshake, [&](std::chrono::nanoseconds deadline) {
          return fetch_instead_of_handshake(stall, deadline);
        });
    expect_handshake_error(result, Error::deadline_exceeded);
  }
}

TEST_P(HttpsClientTest, AHostThatIsNoNameIsAnError) {
  // No URL that was parsed has such a host, but a Fetch can be made by hand.
  const FetchResult result = fetch({.names = "DNS:" + server_name}, "");
  EXPECT_EQ(result.error.stage, Stage::handshake) << result.error.text();
}

INSTANTIATE_TEST_SUITE_P(Ways, HttpsClientTest, testing::ValuesIn(ways_to_fetch()),
                         [](const auto& each) { return each.param.name; });

class BadAuthorityTest : public testing::TestWithParam<std::string> {};

TEST_P(BadAuthorityTest, IsRefused) {
  EXPECT_THROW(HttpClient({.ca_pem = GetParam()}), std::runtime_error);
}

const std::string& good_pem() {
  static const std::string pem = TestAuthority("an authority").pem();
  return pem;
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BadAuthorityTest,
    testing::Values("no certificate", "\n",
                    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                    "-----BEGIN CERTIFICATE-----\n", good_pem().substr(0, good_pem().size() / 2),
                    good_pem() + good_pem().substr(0, good_pem().size() / 2),
                    good_pem() + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));

class ProbeTest : public testing::Test {
 protected:
  TlsParameters probe(SSL_CTX* tls) {
    ScriptedServer server(
        [](TestStream& peer) {
          (void)read_request(peer);
          peer.send(ok_answer("hello"));
          peer.wait_for_end();
        },
        {.tls = tls, .v6 = false});
    TlsParameters agreed;
    expect_success(
        HttpClient({.ca_pem = authority.pem()}).probe(server.fetch(server_name), agreed));
    return agreed;
  }

  const TestAuthority authority{"an authority"};
};

TEST_F(ProbeTest, TellsWhatTheOriginAgreesTo) {
  TlsParameters agreed;
  const FetchResult result = test_client().probe(test_sites().front(), agreed);
  EXPECT_EQ(result.error.text(), JobError{}.text());
  EXPECT_EQ(result.bytes, 1024U);
  EXPECT_EQ(agreed.version, "TLSv1.3");
  EXPECT_EQ(agreed.key_exchange, "X25519");
  EXPECT_EQ(agreed.key_type, "EC prime256v1");
}

TEST_F(ProbeTest, KnowsOtherVersionsGroupsAndKeys) {
  const TestContext tls =
      authority.server({.names = "DNS:" + server_name, .key = TestAuthority::Key::rsa});
  ::SSL_CTX_set_max_proto_version(tls.get(), TLS1_2_VERSION);
  SSL_CTX_set1_groups_list(tls.get(), "P-384");
  const TlsParameters agreed = probe(tls.get());
  EXPECT_EQ(agreed.version, "TLSv1.2");
  EXPECT_EQ(agreed.key_exchange, "secp384r1");
  EXPECT_EQ(agreed.key_type, "RSA 2048");
}

TEST_F(ProbeTest, WithoutTlsThereIsNothingToTell) {
  TlsParameters agreed;
  EXPECT_FALSE(test_client().probe(test_sites(0, false).front(), agreed).error);
  EXPECT_EQ(agreed.version, "");
  EXPECT_EQ(agreed.key_exchange, "");
  EXPECT_EQ(agreed.key_type, "");
}

TEST_F(ProbeTest, AnErrorTellsNothing) {
  TlsParameters agreed;
  EXPECT_EQ(test_client().probe(refused_fetch(), agreed).error.stage, Stage::connect);
  EXPECT_EQ(agreed.version, "");
}

}  // namespace
}  // namespace concurrency_models
