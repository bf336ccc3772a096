#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/system/error_code.hpp>
#include <string>

namespace concurrency_models::origin {

/// A response without a body, as it goes over the wire.
[[nodiscard]] inline std::string message_text(
    const boost::beast::http::response<boost::beast::http::empty_body>& message) {
  boost::beast::http::response_serializer<boost::beast::http::empty_body> serializer(message);
  std::string text;
  boost::system::error_code error;
  while (!serializer.is_done()) {
    serializer.next(error, [&](boost::system::error_code&, const auto& buffers) {
      for (const auto buffer : boost::beast::buffers_range_ref(buffers)) {
        text.append(static_cast<const char*>(buffer.data()), buffer.size());
      }
      serializer.consume(boost::asio::buffer_size(buffers));
    });
  }
  return text;
}

}  // namespace concurrency_models::origin
