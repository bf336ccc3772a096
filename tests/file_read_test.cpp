// Reading files, by blocking calls and, where the event loop can, awaiting them.
#include "concurrency_models/file_read.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "concurrency_models/event_loop_backend.h"
#include "concurrency_models/origin_protocol.h"
#include "support/leftovers.h"
#include "support/temporary_directory.h"

namespace concurrency_models {
namespace {

FileResult read_awaiting(const FileRead& file) {
  boost::asio::io_context loop(1);
  FileResult result;
  boost::asio::co_spawn(
      loop, [&]() -> boost::asio::awaitable<void> { result = co_await async_read_file(file); },
      boost::asio::detached);
  loop.run();
  return result;
}

FileResult read_blocking(const FileRead& file) { return read_file(file); }

struct Way {
  const char* name;
  FileResult (*read)(const FileRead&);
};

void PrintTo(const Way& way, std::ostream* out) { *out << way.name; }  // NOLINT: GoogleTest's name

std::vector<Way> ways() {
  std::vector<Way> all = {{"blocking", read_blocking}};
  const auto allowed = [] {
    try {
      require_event_loop();
      return true;
    } catch (const std::runtime_error&) {
      return false;
    }
  };
  if (can_await_files() && allowed()) all.push_back({"awaiting", read_awaiting});
  return all;
}

std::string pattern(std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += origin_pattern();
  return text.substr(0, bytes);
}

class FileReadTest : public testing::TestWithParam<Way> {
 protected:
  [[nodiscard]] FileResult read(const FileRead& file) const { return GetParam().read(file); }
  /// A file with this content, of which so many bytes of pattern are expected.
  [[nodiscard]] FileRead file(const std::string& content, std::uint64_t expected) const {
    return {.path = directory_.write("file", content), .bytes = expected};
  }
  void expect_wrong(const FileRead& file) const {
    const FileResult result = read(file);
    EXPECT_EQ(result.error.stage, Stage::read);
    EXPECT_EQ(result.error.code, make_error_code(Error::wrong_file));
    EXPECT_EQ(result.bytes, 0U);
  }

  TemporaryDirectory directory_;
};

TEST_P(FileReadTest, ReadsFilesOfAnySize) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, file_read_size - 1, file_read_size,
                                 file_read_size + 1, 5 * file_read_size + 7}) {
    const FileResult result = read(file(pattern(size), size));
    EXPECT_FALSE(result.error) << size << ": " << result.error.text();
    EXPECT_EQ(result.bytes, size);
  }
}

TEST_P(FileReadTest, NoticesWrongContent) {
  constexpr std::size_t size = 3 * file_read_size;
  for (const std::size_t at : {std::size_t{0}, file_read_size, size - 1}) {
    std::string content = pattern(size);
    content[at] = static_cast<char>(content[at] + 1);
    expect_wrong(file(content, size));
  }
}

TEST_P(FileReadTest, NoticesAWrongLength) {
  expect_wrong(file(pattern(1000), 999));
  expect_wrong(file(pattern(1000), 1001));
  expect_wrong(file("", 1));
}

TEST_P(FileReadTest, AFileThatIsNotThereIsAnErrorOfOpening) {
  const FileResult result = read({.path = directory_.file("none"), .bytes = 1});
  EXPECT_EQ(result.error.stage, Stage::open);
  EXPECT_EQ(result.error.code.value(), ENOENT);
}

TEST_P(FileReadTest, ADirectoryIsAnErrorOfReading) {
  std::filesystem::create_directory(directory_.file("folder"));
  const FileResult result = read({.path = directory_.file("folder"), .bytes = 1});
  EXPECT_EQ(result.error.stage, Stage::read);
  EXPECT_EQ(result.error.code.value(), EISDIR) << result.error.text();
}

TEST_P(FileReadTest, LeavesNoDescriptorBehind) {
  const FileRead right = file(pattern(1000), 1000);
  static_cast<void>(read(right));
  const Leftovers before = count_leftovers();
  static_cast<void>(read(right));
  static_cast<void>(read({.path = right.path, .bytes = 1}));
  EXPECT_EQ(count_leftovers().descriptors, before.descriptors);
}

std::string way_name(const testing::TestParamInfo<Way>& way) { return way.param.name; }

INSTANTIATE_TEST_SUITE_P(Ways, FileReadTest, testing::ValuesIn(ways()), way_name);

class BalancedHooks final : public ThreadHooks {
 public:
  void before_blocking() override { ++open_; }
  void after_blocking() override {
    --open_;
    ++calls_;
    errno = 0;  // as whatever a hook does might
  }
  void safepoint() override {}
  [[nodiscard]] int open() const { return open_; }
  [[nodiscard]] int calls() const { return calls_; }

 private:
  int open_ = 0;
  int calls_ = 0;
};

TEST(FileReadHooksTest, AreToldOfEveryCallThatMayBlock) {
  const TemporaryDirectory directory;
  BalancedHooks hooks;
  const FileRead file{.path = directory.write("file", pattern(3 * file_read_size)),
                      .bytes = 3 * file_read_size};
  EXPECT_FALSE(read_file(file, &hooks).error);
  EXPECT_EQ(hooks.open(), 0);
  EXPECT_GE(hooks.calls(), 5) << "to open, three parts, the end";
}

TEST(FileReadHooksTest, DoNotHideTheError) {
  const TemporaryDirectory directory;
  BalancedHooks hooks;
  EXPECT_EQ(read_file({.path = directory.file("none"), .bytes = 1}, &hooks).error.code.value(),
            ENOENT);
}

TEST(AsyncFileRead, IsRefusedWhereTheEventLoopCannotAwaitFiles) {
  if (can_await_files()) GTEST_SKIP() << "this build's event loop can";
  EXPECT_THROW(static_cast<void>(async_read_file({.path = "any", .bytes = 0})), std::logic_error);
}

}  // namespace
}  // namespace concurrency_models
