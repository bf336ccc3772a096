#include "find_origin.h"

#include <stdexcept>
#include <string>
#include <system_error>

#include "concurrency_models/origin_process.h"

namespace concurrency_models::bench {
namespace {

bool is_file(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error);
}

}  // namespace

std::filesystem::path find_origin(const std::filesystem::path& preferred) {
  if (is_file(preferred)) return preferred;
  std::filesystem::path beside = OriginProcess::default_program();
  if (is_file(beside)) return beside;
  const std::string also = preferred.empty() ? "" : ", nor at " + preferred.string();
  throw std::runtime_error("there is no origin at " + beside.string() + also +
                           ": copy the program origin there from where concurrency_models is "
                           "installed, or start one by hand and name it with --origin");
}

}  // namespace concurrency_models::bench
