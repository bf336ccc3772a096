// Handshakes for which OpenSSL finds no memory, at each of its requests for some.
#include <gtest/gtest.h>
#include <openssl/crypto.h>
#include <sys/wait.h>

#include <cstdlib>
#include <limits>
#include <string>
#include <utility>

#include "concurrency_models/http_client.h"
#include "concurrency_models/job_error.h"
#include "support/in_child.h"
#include "support/test_origin.h"
#include "support/ways_to_fetch.h"

namespace concurrency_models {
namespace {

/// How many more requests are granted before all are refused.
long granted = std::numeric_limits<long>::max();

bool is_granted() { return granted > 0 && granted-- > 0; }

void* allocate(std::size_t size, const char* /*file*/, int /*line*/) {
  return is_granted() ? std::malloc(size) : nullptr;
}

void* reallocate(void* memory, std::size_t size, const char* /*file*/, int /*line*/) {
  return is_granted() ? std::realloc(memory, size) : nullptr;
}

void release(void* memory, const char* /*file*/, int /*line*/) { std::free(memory); }

/// Before anything else, because OpenSSL takes no such functions once it has allocated anything.
const bool is_asked_for_memory = ::CRYPTO_set_mem_functions(allocate, reallocate, release) == 1;

/// Whether it is told as such, or as what OpenSSL says of nothing that a server can do.
bool speaks_of_memory(const JobError& error) {
  if (error.code == boost::system::errc::not_enough_memory) return true;
  const std::string text = error.code.message();
  return error.stage == Stage::handshake &&
         (text == "internal error" || text == "initialization error" ||
          text == "not able to copy ctx");
}

class TlsMemory : public testing::TestWithParam<WayToFetch> {
 protected:
  void SetUp() override { ASSERT_TRUE(is_asked_for_memory); }

  /// What comes of a fetch when so many requests for memory are granted, and how many are left.
  [[nodiscard]] JobError error_with(long requests, long& left) const {
    granted = requests;
    const JobError error = GetParam().fetch(client, fetch).error;
    left = std::exchange(granted, std::numeric_limits<long>::max());
    return error;
  }

  const HttpClient client = test_client();
  const Fetch fetch = test_sites().front();
};

TEST_P(TlsMemory, WantOfItIsNotTakenForTheServersFault) {
  ASSERT_FALSE(GetParam().fetch(client, fetch).error);  // which looks up what is looked up once
  std::size_t failures = 0;
  for (long requests = 0, left = 0; left == 0; ++requests) {
    const JobError error = error_with(requests, left);
    if (!error) continue;
    ++failures;
    EXPECT_TRUE(speaks_of_memory(error)) << error.text() << ", after " << requests << " requests";
  }
  EXPECT_GT(failures, 100U);
  EXPECT_FALSE(GetParam().fetch(client, fetch).error) << "nothing may be broken for good";
}

// Whether later ones succeed is not asked: OpenSSL 3.0 does not look again for algorithms that it
// had no memory for.
TEST_P(TlsMemory, WantOfItAtTheFirstFetchIsAnErrorAsWell) {
  enum Result : int { failed, succeeded };
  int result = failed;
  // Not at each request: a process for each takes its time.
  for (long requests = 0; result == failed; requests += 13) {
    const int status = in_child([&] {
      long left = 0;
      return error_with(requests, left) ? failed : succeeded;
    });
    ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status) << " after " << requests;
    result = WEXITSTATUS(status);
  }
}

INSTANTIATE_TEST_SUITE_P(Ways, TlsMemory, testing::ValuesIn(ways_to_fetch()),
                         [](const auto& way) { return way.param.name; });

}  // namespace
}  // namespace concurrency_models
