#include "concurrency_models/url.h"

#include <gtest/gtest.h>

#include <ostream>
#include <stdexcept>
#include <string>

namespace concurrency_models {
namespace {

struct Parsed {
  std::string text;
  Url url;
  std::string canonical;

  friend std::ostream& operator<<(std::ostream& out, const Parsed& parsed) {
    return out << parsed.text;
  }
};

class ParseUrlTest : public testing::TestWithParam<Parsed> {};

TEST_P(ParseUrlTest, YieldsThePartsARequestNeeds) {
  const Url url = parse_url(GetParam().text);
  EXPECT_EQ(url.secure, GetParam().url.secure);
  EXPECT_EQ(url.host, GetParam().url.host);
  EXPECT_EQ(url.port, GetParam().url.port);
  EXPECT_EQ(url.target, GetParam().url.target);
}

TEST_P(ParseUrlTest, CanonicalTextParsesToTheSame) {
  const Url url = parse_url(GetParam().text);
  EXPECT_EQ(url.text(), GetParam().canonical);
  EXPECT_EQ(parse_url(url.text()), url);
}

INSTANTIATE_TEST_SUITE_P(
    Urls, ParseUrlTest,
    testing::Values(
        Parsed{"https://example.org", {true, "example.org", 443, "/"}, "https://example.org/"},
        Parsed{"http://example.org", {false, "example.org", 80, "/"}, "http://example.org/"},
        Parsed{"https://example.org:8443/a/b?c=d&e",
               {true, "example.org", 8443, "/a/b?c=d&e"},
               "https://example.org:8443/a/b?c=d&e"},
        Parsed{"HTTPS://EXAMPLE.org/Path",
               {true, "example.org", 443, "/Path"},
               "https://example.org/Path"},
        Parsed{"https://example.org:443/", {true, "example.org", 443, "/"}, "https://example.org/"},
        Parsed{"https://example.org:/", {true, "example.org", 443, "/"}, "https://example.org/"},
        Parsed{
            "http://example.org:443/", {false, "example.org", 443, "/"}, "http://example.org:443/"},
        Parsed{
            "https://example.org:80/", {true, "example.org", 80, "/"}, "https://example.org:80/"},
        Parsed{"http://example.org:00080/", {false, "example.org", 80, "/"}, "http://example.org/"},
        Parsed{"http://example.org:65535/",
               {false, "example.org", 65535, "/"},
               "http://example.org:65535/"},
        Parsed{
            "http://127.0.0.1:8080/x", {false, "127.0.0.1", 8080, "/x"}, "http://127.0.0.1:8080/x"},
        Parsed{"https://[::1]/", {true, "::1", 443, "/"}, "https://[::1]/"},
        Parsed{"https://[2001:DB8::A]:8443/x",
               {true, "2001:db8::a", 8443, "/x"},
               "https://[2001:db8::a]:8443/x"},
        Parsed{
            "https://example.org?q", {true, "example.org", 443, "/?q"}, "https://example.org/?q"},
        Parsed{"https://example.org/a#part",
               {true, "example.org", 443, "/a"},
               "https://example.org/a"},
        Parsed{"https://example.org#part", {true, "example.org", 443, "/"}, "https://example.org/"},
        Parsed{"https://example.org?q#a?b",
               {true, "example.org", 443, "/?q"},
               "https://example.org/?q"},
        // What is encoded stays so: decoding could change what the path means.
        Parsed{"https://example.org/a%2Fb%0D%0A?c%23",
               {true, "example.org", 443, "/a%2Fb%0D%0A?c%23"},
               "https://example.org/a%2Fb%0D%0A?c%23"},
        Parsed{"https://xn--mnchen-3ya.de/",
               {true, "xn--mnchen-3ya.de", 443, "/"},
               "https://xn--mnchen-3ya.de/"},
        Parsed{"https://7.0xg/", {true, "7.0xg", 443, "/"}, "https://7.0xg/"},
        Parsed{"https://ex%61mple.org/", {true, "example.org", 443, "/"}, "https://example.org/"},
        Parsed{"https://a_b-c.example.org/",
               {true, "a_b-c.example.org", 443, "/"},
               "https://a_b-c.example.org/"}));

struct Refused {
  std::string text;
  std::string says;  ///< a part of the message

  friend std::ostream& operator<<(std::ostream& out, const Refused& refused) {
    return out << refused.text;
  }
};

class RefusedUrlTest : public testing::TestWithParam<Refused> {};

TEST_P(RefusedUrlTest, SaysWhatIsWrong) {
  try {
    const Url url = parse_url(GetParam().text);
    FAIL() << "parsed as " << url.text();
  } catch (const std::invalid_argument& error) {
    EXPECT_NE(std::string(error.what()).find(GetParam().says), std::string::npos) << error.what();
  }
}

const std::string not_absolute = "not an absolute URL";

INSTANTIATE_TEST_SUITE_P(
    Urls, RefusedUrlTest,
    testing::Values(Refused{"", not_absolute}, Refused{"example.org", not_absolute},
                    Refused{"/path", not_absolute}, Refused{"//example.org/", not_absolute},
                    Refused{"https:///path", "no host"}, Refused{"https://", "no host"},
                    Refused{"https://:443/", "no host"}, Refused{"https:example.org", "no host"},
                    Refused{"ftp://example.org/", "neither http nor https"},
                    Refused{"file:///etc/passwd", "neither http nor https"},
                    Refused{"https://user@example.org/", "user information"},
                    Refused{"https://user:secret@example.org/", "user information"},
                    Refused{"https://@example.org/", "user information"},
                    Refused{"https://example.org:0/", "1 to 65535"},
                    Refused{"https://example.org:65536/", "1 to 65535"},
                    Refused{"https://example.org:70001/", "1 to 65535"},
                    Refused{"https://example.org:75000/", "1 to 65535"},
                    Refused{"https://example.org:99999/", "1 to 65535"},
                    Refused{"https://example.org:655359/", "1 to 65535"},
                    Refused{"https://example.org:4294967376/", "1 to 65535"},
                    Refused{"https://example.org:99999999999/", "1 to 65535"},
                    Refused{"https://example.org:-1/", not_absolute},
                    Refused{"https://example.org:x/", not_absolute},
                    Refused{"https://exa mple.org/", not_absolute},
                    Refused{"https://example.org/a b", not_absolute},
                    Refused{" https://example.org/", not_absolute},
                    Refused{"https://example.org/ ", not_absolute},
                    Refused{"https://example.org/\r\nHost: other", not_absolute},
                    Refused{"https://example.org/\t", not_absolute},
                    Refused{std::string("https://example.org/\0", 21), not_absolute},
                    Refused{"https://example.org/%zz", not_absolute},
                    Refused{"https://m\xc3\xbcnchen.de/", not_absolute},
                    // Decoded, these would end up in the Host header.
                    Refused{"https://example.org%0d%0ahost:x/", "not a host name"},
                    Refused{"https://example%20.org/", "not a host name"},
                    Refused{"https://m%C3%BCnchen.de/", "not a host name"},
                    Refused{"https://a%2Fb/", "not a host name"},
                    // Decoded, no URL: an address and more.
                    Refused{"https://%3127.0.0.1x/", "not a host name"},
                    // To a resolver these are addresses.
                    Refused{"https://2130706433/", "form 127.0.0.1"},
                    Refused{"https://127.1/", "form 127.0.0.1"},
                    Refused{"https://0177.0.0.1/", "form 127.0.0.1"},
                    Refused{"https://0x7F.0.0.1/", "form 127.0.0.1"},
                    Refused{"https://0x7f000001/", "form 127.0.0.1"},
                    Refused{"https://127.0.0.1./", not_absolute},
                    Refused{"https://256.0.0.1/", "form 127.0.0.1"},
                    Refused{"https://a.0X/", "form 127.0.0.1"},
                    Refused{"https://" + std::string(254, 'a') + "/", "not a host name"},
                    Refused{"https://example.org/" + std::string(8000, 'a'), "8000 characters"},
                    // One more with the '/' that its canonical text has.
                    Refused{"https://example.org?" + std::string(7980, 'a'), "8000 characters"},
                    Refused{"https://[::1/", not_absolute}, Refused{"https://[zz]/", not_absolute},
                    Refused{"https://[v1.a]/", "no host"}));

TEST(UrlTest, LongestHostAndLongestUrlAreTaken) {
  const std::string host(253, 'a');
  EXPECT_EQ(parse_url("https://" + host + "/").host, host);
  const std::string start = "https://example.org/";
  const std::string longest = start + std::string(8000 - start.size(), 'a');
  EXPECT_EQ(parse_url(longest).text(), longest);
}

TEST(UrlTest, AuthorityNamesUnusualPortsOnly) {
  EXPECT_EQ(parse_url("https://example.org/").authority(), "example.org");
  EXPECT_EQ(parse_url("https://example.org:80/").authority(), "example.org:80");
  EXPECT_EQ(parse_url("http://example.org:80/").authority(), "example.org");
  EXPECT_EQ(parse_url("http://[::1]/").authority(), "[::1]");
  EXPECT_EQ(parse_url("http://[::1]:8080/").authority(), "[::1]:8080");
}

TEST(UrlTest, EqualityLooksAtEachPart) {
  const Url url = parse_url("https://example.org:8443/a");
  EXPECT_EQ(url, parse_url("https://example.org:8443/a"));
  EXPECT_NE(url, parse_url("http://example.org:8443/a"));
  EXPECT_NE(url, parse_url("https://example.net:8443/a"));
  EXPECT_NE(url, parse_url("https://example.org:8444/a"));
  EXPECT_NE(url, parse_url("https://example.org:8443/b"));
}

}  // namespace
}  // namespace concurrency_models
