#include <boost/asio/detail/config.hpp>

#include "concurrency_models/file_read.h"

#if defined(BOOST_ASIO_HAS_FILE)
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/stream_file.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

#include "file_check.h"
#else
#include <stdexcept>
#endif

namespace concurrency_models {

#if defined(BOOST_ASIO_HAS_FILE)

namespace asio = boost::asio;

bool can_await_files() { return true; }

asio::awaitable<FileResult> async_read_file(const FileRead& file) {
  FileCheck check(file);
  asio::stream_file stream(co_await asio::this_coro::executor);
  boost::system::error_code error;
  stream.open(file.path, asio::stream_file::read_only, error);
  if (error) {
    check.fail(Stage::open, error);
    co_return check.result();
  }
  std::vector<char> buffer(file_read_size);
  bool more = true;
  while (more) {
    const auto [failed, size] =
        co_await stream.async_read_some(asio::buffer(buffer), asio::as_tuple(asio::use_awaitable));
    if (failed && failed != asio::error::eof) {
      check.fail(Stage::read, failed);
      break;
    }
    more = check.take({buffer.data(), size});
  }
  co_return check.result();
}

#else

bool can_await_files() { return false; }

boost::asio::awaitable<FileResult> async_read_file(const FileRead& /*file*/) {
  throw std::logic_error("this build's event loop cannot await files");
}

#endif

}  // namespace concurrency_models
