// Handshakes for which OpenSSL finds no memory, at each of its requests for some.
#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include <cstdlib>
#include <limits>
#include <utility>

#include "concurrency_models/http_client.h"
#include "concurrency_models/job_error.h"
#include "support/test_origin.h"

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

/// Whether it is told as such, or as what OpenSSL says of nothing that a server can do.
bool speaks_of_memory(const JobError& error) {
  if (error.code == boost::system::errc::not_enough_memory) return true;
  return error.stage == Stage::handshake && error.code.message() == "internal error";
}

TEST(TlsMemory, WantOfItIsNotTakenForTheServersFault) {
  // Refused once OpenSSL has allocated anything.
  ASSERT_EQ(::CRYPTO_set_mem_functions(allocate, reallocate, release), 1);
  const HttpClient client = test_client();
  const Fetch fetch = test_sites().front();
  ASSERT_FALSE(client.get(fetch).error);  // which looks up what is looked up once
  std::size_t failures = 0;
  for (long requests = 0, left = 0; left == 0; ++requests) {
    granted = requests;
    const JobError error = client.get(fetch).error;
    left = std::exchange(granted, std::numeric_limits<long>::max());
    if (!error) continue;
    ++failures;
    EXPECT_TRUE(speaks_of_memory(error)) << error.text() << ", after " << requests << " requests";
  }
  EXPECT_GT(failures, 100U);
}

}  // namespace
}  // namespace concurrency_models
