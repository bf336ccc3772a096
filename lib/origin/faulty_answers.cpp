#include "faulty_answers.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <sstream>
#include <string>

#include "concurrency_models/origin_protocol.h"
#include "pattern_body.h"

// What is awaited here is given named values and awaited by itself: gcc 12 makes wrong code of
// conditions that await something made of temporary objects.

namespace concurrency_models::origin {
namespace {

namespace asio = boost::asio;
using Done = asio::awaitable<void>;

// What is sent first, for a request for so many bytes.

std::string header(const std::string& status, const std::string& fields) {
  return "HTTP/1.1 " + status + "\r\nContent-Type: text/plain\r\nConnection: close\r\n" + fields +
         "\r\n";
}

std::string length(std::uint64_t bytes) {
  return "Content-Length: " + std::to_string(bytes) + "\r\n";
}

std::string ok_header(const std::string& fields) { return header("200 OK", fields); }

std::string chunked_header() { return ok_header("Transfer-Encoding: chunked\r\n"); }

std::string pattern(std::uint64_t bytes) {
  std::string text;
  while (text.size() < bytes) text += origin_pattern().substr(0, bytes - text.size());
  return text;
}

std::string nothing(std::uint64_t /*bytes*/) { return {}; }

std::string half_header(std::uint64_t bytes) {
  const std::string whole = ok_header(length(bytes));
  return whole.substr(0, whole.size() / 2);
}

std::string only_header(std::uint64_t bytes) { return ok_header(length(bytes)); }
std::string half_body(std::uint64_t bytes) { return only_header(bytes) + pattern(bytes / 2); }
std::string whole(std::uint64_t bytes) { return only_header(bytes) + pattern(bytes); }
std::string longer_than_announced(std::uint64_t bytes) { return whole(bytes) + "and more"; }
std::string longer_than_asked(std::uint64_t bytes) { return whole(bytes + 1); }
std::string shorter_than_asked(std::uint64_t bytes) { return whole(bytes - 1); }
std::string without_length(std::uint64_t bytes) { return ok_header({}) + pattern(bytes); }

std::string wrong_content(std::uint64_t bytes) {
  std::string text = whole(bytes);
  text[text.size() - bytes / 2] = '!';  // nowhere in the pattern
  return text;
}

std::string status_500(std::uint64_t /*bytes*/) {
  return header("500 Internal Server Error", length(7)) + "broken\n";
}

std::string status_404(std::uint64_t /*bytes*/) {
  return header("404 Not Found", length(5)) + "gone\n";
}

std::string redirect(std::uint64_t bytes) {
  return header("302 Found", "Location: " + origin_target({}, bytes) + "\r\n" + length(0));
}

std::string malformed_status_line(std::uint64_t /*bytes*/) { return "HTTP/1.x 200 OK\r\n\r\n"; }
std::string malformed_header(std::uint64_t /*bytes*/) { return ok_header("A name: a value\r\n"); }

std::string malformed_length(std::uint64_t /*bytes*/) {
  return ok_header("Content-Length: many\r\n");
}

std::string malformed_chunk(std::uint64_t /*bytes*/) { return chunked_header() + "many\r\n"; }

std::string first_line_of_header(std::uint64_t /*bytes*/) { return "HTTP/1.1 200 OK\r\n"; }
std::string header_without_length(std::uint64_t /*bytes*/) { return ok_header({}); }
std::string header_of_chunks(std::uint64_t /*bytes*/) { return chunked_header(); }

std::string half_chunk_header(std::uint64_t /*bytes*/) { return chunked_header() + "2;filler="; }

std::string all_chunks(std::uint64_t bytes) {
  std::ostringstream size;
  size << std::hex << bytes;
  return chunked_header() + size.str() + "\r\n" + pattern(bytes) + "\r\n0\r\n";
}

constexpr std::uint64_t ten_gb = std::uint64_t{10} << 30;

std::string header_of_10_gb(std::uint64_t /*bytes*/) { return only_header(ten_gb); }

// What is done then. None of it ends before the peer has had enough.

using Ending = Done (*)(ServerStream& stream, std::uint64_t bytes);

Done stall(ServerStream& stream, std::uint64_t /*bytes*/) {
  return stream.wait_for_peer_to_leave();
}

Done reset(ServerStream& stream, std::uint64_t /*bytes*/) {
  stream.reset();
  co_return;
}

Done close(ServerStream& stream, std::uint64_t /*bytes*/) { return stream.close(); }
Done end(ServerStream& stream, std::uint64_t /*bytes*/) { return stream.end(); }

/// Others get their turn in between, however fast the peer reads.
Done repeat(ServerStream& stream, std::string text) {
  const auto executor = stream.executor();
  while (true) {
    const bool sent = co_await stream.write(text);
    if (!sent) co_return;
    co_await asio::post(executor, asio::use_awaitable);
  }
}

std::string field() { return "X-Filler: " + std::string(1000, 'f') + "\r\n"; }

Done repeat_fields(ServerStream& stream, std::uint64_t /*bytes*/) {
  return repeat(stream, field());
}

Done repeat_filler(ServerStream& stream, std::uint64_t /*bytes*/) {
  return repeat(stream, std::string(1000, 'f'));
}

Done repeat_interim_answers(ServerStream& stream, std::uint64_t /*bytes*/) {
  return repeat(stream, "HTTP/1.1 103 Early Hints\r\n\r\n");
}

/// The pattern, in parts with this before and that after each.
Done repeat_pattern(ServerStream& stream, std::string before, std::string after) {
  const auto executor = stream.executor();
  constexpr std::uint64_t part = 0x2000;
  for (std::uint64_t offset = 0; offset < ten_gb; offset += part) {
    const bool begun = co_await stream.write(before);
    if (!begun) co_return;
    const bool written = co_await write_pattern(stream, offset, offset + part);
    if (!written) co_return;
    const bool ended = co_await stream.write(after);
    if (!ended) co_return;
    co_await asio::post(executor, asio::use_awaitable);
  }
}

Done repeat_body(ServerStream& stream, std::uint64_t /*bytes*/) {
  return repeat_pattern(stream, {}, {});
}

Done repeat_chunks(ServerStream& stream, std::uint64_t /*bytes*/) {
  return repeat_pattern(stream, "2000\r\n", "\r\n");
}

/// A byte every 20 ms. False: the peer is gone.
asio::awaitable<bool> trickle(ServerStream& stream, std::string_view text) {
  asio::steady_timer pause(stream.executor());
  for (const char& byte : text) {
    const std::string_view one(&byte, 1);
    const bool written = co_await stream.write(one);
    if (!written) co_return false;
    pause.expires_after(std::chrono::milliseconds(20));
    co_await pause.async_wait(asio::use_awaitable);
  }
  co_return true;
}

Done trickle_fields(ServerStream& stream, std::uint64_t /*bytes*/) {
  const std::string text = field();
  bool there = true;
  while (there) {
    there = co_await trickle(stream, text);
  }
}

Done trickle_body(ServerStream& stream, std::uint64_t bytes) {
  const std::string all_but_the_last = pattern(bytes - 1);
  const bool there = co_await trickle(stream, all_but_the_last);
  if (!there) co_return;
  co_await stream.wait_for_peer_to_leave();
}

struct FaultyAnswer {
  std::string_view name;
  std::string (*text)(std::uint64_t bytes);
  Ending ending;
};

constexpr FaultyAnswer faulty_answers[] = {
    {"stall_before_header", nothing, stall},
    {"stall_in_header", half_header, stall},
    {"stall_in_body", half_body, stall},
    {"trickle_header", first_line_of_header, trickle_fields},
    {"trickle_body", only_header, trickle_body},
    {"reset_before_header", nothing, reset},
    {"reset_in_header", half_header, reset},
    {"reset_in_body", half_body, reset},
    {"close_before_header", nothing, close},
    {"close_in_header", half_header, close},
    {"close_in_body", half_body, close},
    {"status_500", status_500, end},
    {"status_404", status_404, end},
    {"redirect", redirect, end},
    {"body_shorter_than_announced", half_body, end},
    {"body_longer_than_announced", longer_than_announced, end},
    {"body_shorter_than_asked", shorter_than_asked, end},
    {"body_longer_than_asked", longer_than_asked, end},
    {"wrong_content", wrong_content, end},
    {"endless_header", first_line_of_header, repeat_fields},
    {"endless_interim_answers", nothing, repeat_interim_answers},
    {"body_of_10_gb", header_of_10_gb, repeat_body},
    {"endless_body", header_without_length, repeat_body},
    {"endless_chunks", header_of_chunks, repeat_chunks},
    {"endless_chunk_extension", half_chunk_header, repeat_filler},
    {"endless_trailer", all_chunks, repeat_fields},
    {"malformed_status_line", malformed_status_line, end},
    {"malformed_header", malformed_header, end},
    {"malformed_length", malformed_length, end},
    {"malformed_chunk", malformed_chunk, end},
    {"no_close_notify", whole, close},
    {"no_close_notify_unknown_length", without_length, close},
    {"unknown_length", without_length, end},
};

}  // namespace

bool is_faulty_answer(std::string_view name) {
  return std::any_of(std::begin(faulty_answers), std::end(faulty_answers),
                     [name](const FaultyAnswer& each) { return each.name == name; });
}

asio::awaitable<void> give_faulty_answer(ServerStream& stream, std::string name,
                                         std::uint64_t bytes) {
  const auto* const answer =
      std::find_if(std::begin(faulty_answers), std::end(faulty_answers),
                   [&name](const FaultyAnswer& each) { return each.name == name; });
  if (answer == std::end(faulty_answers)) co_return;
  const std::string text = answer->text(bytes);
  const bool sent = co_await stream.write(text);
  if (!sent) co_return;
  co_await answer->ending(stream, bytes);
}

}  // namespace concurrency_models::origin
