#include "concurrency_models/endpoint.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "socket_address.h"
#include "support/in_child.h"
#include "support/own_network.h"

namespace concurrency_models {
namespace {

Endpoint loopback_v6(std::uint16_t port) {
  Endpoint endpoint;
  endpoint.v6 = true;
  endpoint.address.back() = 1;
  endpoint.port = port;
  return endpoint;
}

TEST(EndpointTest, LoopbackIsTheFirstOfItsNetwork) {
  const Endpoint endpoint = loopback(8443);
  EXPECT_FALSE(endpoint.v6);
  EXPECT_EQ(endpoint.port, 8443);
  EXPECT_EQ(endpoint.text(), "127.0.0.1:8443");
}

TEST(EndpointTest, TextBracketsIpv6) {
  EXPECT_EQ(loopback_v6(443).text(), "[::1]:443");
  Endpoint other = loopback_v6(65535);
  other.address = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0a};
  EXPECT_EQ(other.text(), "[2001:db8::a]:65535");
  Endpoint v4;
  v4.address = {203, 0, 113, 255};
  v4.port = 1;
  EXPECT_EQ(v4.text(), "203.0.113.255:1");
}

TEST(EndpointTest, EqualityLooksAtEachPart) {
  EXPECT_EQ(loopback(1), loopback(1));
  EXPECT_NE(loopback(1), loopback(2));
  EXPECT_NE(loopback(1), loopback_v6(1));
  Endpoint scoped = loopback_v6(1);
  scoped.scope_id = 2;
  EXPECT_NE(scoped, loopback_v6(1));
  Endpoint elsewhere = loopback(1);
  elsewhere.address[3] = 2;
  EXPECT_NE(elsewhere, loopback(1));
}

TEST(EndpointTest, SurvivesTheWayThroughASocketAddress) {
  Endpoint scoped = loopback_v6(8443);
  scoped.scope_id = 7;
  EXPECT_EQ(to_endpoint(*to_socket_address(scoped).get()), scoped);
  EXPECT_EQ(to_endpoint(*to_socket_address(loopback(80)).get()), loopback(80));
}

TEST(ResolveTest, TakesAddressesAsTheyAre) {
  EXPECT_EQ(resolve(parse_url("http://127.0.0.1:8080/")), loopback(8080));
  EXPECT_EQ(resolve(parse_url("https://127.0.0.1/")), loopback(443));
  EXPECT_EQ(resolve(parse_url("https://[::1]:8443/")), loopback_v6(8443));
}

// Containers often have one family only. An address is no question for a resolver, even so: whether
// it can be reached is told by connect.
TEST(ResolveTest, TakesAddressesOfAFamilyThisMachineLacks) {
  constexpr int not_permitted = 77;
  const int status = in_child([] {
    if (!enter_own_network("203.0.113.1")) return not_permitted;
    if (resolve(parse_url("http://127.0.0.1:80/")) != loopback(80)) return 1;
    return resolve(parse_url("http://[::1]:80/")) == loopback_v6(80) ? 0 : 2;
  });
  if (WIFEXITED(status) && WEXITSTATUS(status) == not_permitted) {
    GTEST_SKIP() << "making a network namespace is not permitted here";
  }
  EXPECT_EQ(status, 0);
}

TEST(ResolveTest, AsksTheSystemForNames) {
  const Endpoint found = resolve(parse_url("http://localhost:8080/"));
  EXPECT_TRUE(found == loopback(8080) || found == loopback_v6(8080)) << found.text();
}

TEST(ResolveTest, NamesTheHostItCannotFind) {
  // No label may be longer than 63 characters: known to be wrong without asking the network.
  const std::string host = std::string(64, 'a').append(".test");
  try {
    const Endpoint found = resolve(parse_url("https://" + host + "/"));
    FAIL() << "found at " << found.text();
  } catch (const std::runtime_error& error) {
    const std::string text = error.what();
    const std::string start = "cannot resolve the name " + host + ": ";
    EXPECT_EQ(text.substr(0, start.size()), start);
    EXPECT_GT(text.size(), start.size()) << "it says no reason";
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 0);
  }
}

}  // namespace
}  // namespace concurrency_models
