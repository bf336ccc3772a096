#include <cstddef>
#include <cstdint>

#include "fuzz/fuzz_target.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  concurrency_models::fuzz::try_input({reinterpret_cast<const char*>(data), size});
  return 0;
}
