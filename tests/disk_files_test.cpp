#include "concurrency_models/disk_files.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "support/leftovers.h"
#include "support/temporary_directory.h"

namespace concurrency_models {
namespace {

namespace fs = std::filesystem;

class DiskFilesTest : public testing::Test {
 protected:
  [[nodiscard]] DiskFiles::Options options(std::size_t count, std::uint64_t bytes) const {
    return {.directory = directory_.file(""), .count = count, .bytes = bytes};
  }
  [[nodiscard]] std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory_.file("")), {}));
  }

  TemporaryDirectory directory_;
};

TEST_F(DiskFilesTest, AreThereToBeRead) {
  const DiskFiles files(options(3, 100'000));
  ASSERT_EQ(files.reads().size(), 3U);
  for (const FileRead& file : files.reads()) {
    const FileResult result = read_file(file);
    EXPECT_FALSE(result.error) << result.error.text();
    EXPECT_EQ(result.bytes, 100'000U);
  }
}

TEST_F(DiskFilesTest, AreForTheirOwnerOnly) {
  const DiskFiles files(options(1, 10));
  struct stat status {};
  ASSERT_EQ(::stat(files.reads().front().path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 077, 0U);
}

TEST_F(DiskFilesTest, GoWithTheObject) {
  const Leftovers before = count_leftovers();
  {
    const DiskFiles files(options(2, 10));
    EXPECT_EQ(entries(), 1U);
  }
  EXPECT_EQ(entries(), 0U);
  EXPECT_EQ(count_leftovers(), before);
}

TEST_F(DiskFilesTest, OfAKilledProcessGoWithTheNextOne) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const DiskFiles files(options(2, 10));
    ::raise(SIGKILL);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_EQ(entries(), 1U) << "left behind";
  const DiskFiles files(options(1, 10));
  EXPECT_EQ(entries(), 1U) << "its own";
}

TEST_F(DiskFilesTest, OfOthersThatLiveStay) {
  const DiskFiles one(options(1, 10));
  const DiskFiles other(options(1, 10));
  EXPECT_EQ(entries(), 2U);
  EXPECT_FALSE(read_file(one.reads().front()).error);
}

TEST_F(DiskFilesTest, StrangersFilesStay) {
  static_cast<void>(directory_.write("concurrency_models_file", "not ours"));
  fs::create_directory(directory_.file("other"));
  { const DiskFiles files(options(1, 10)); }
  EXPECT_EQ(entries(), 2U);
}

TEST_F(DiskFilesTest, ADirectoryThatIsNoneIsAnError) {
  try {
    const DiskFiles files({.directory = directory_.file("none"), .count = 1, .bytes = 1});
    FAIL() << "made them";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find(directory_.file("none")), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("No such file or directory"), std::string::npos);
  }
}

/// Lets this process write files of so many bytes only.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    ::rlimit limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, SIG_IGN);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, SIG_DFL);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  FileSizeLimit(FileSizeLimit&&) = delete;
  FileSizeLimit& operator=(FileSizeLimit&&) = delete;

 private:
  ::rlimit before_{};
};

TEST_F(DiskFilesTest, LeaveNothingBehindIfTheyCannotBeWritten) {
  const Leftovers before = count_leftovers();
  const FileSizeLimit limit(1000);
  try {
    const DiskFiles files(options(2, 1001));
    FAIL() << "wrote them";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("cannot write"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("File too large"), std::string::npos) << error.what();
  }
  EXPECT_EQ(entries(), 0U);
  EXPECT_EQ(count_leftovers(), before);
}

// A file system that lives in memory has nowhere else to keep them.
TEST_F(DiskFilesTest, CannotBeDroppedFromAFileSystemInMemory) {
  const fs::path memory = "/dev/shm";
  if (::access(memory.c_str(), W_OK) != 0) GTEST_SKIP() << "no such file system here";
  const DiskFiles files({.directory = memory, .count = 2, .bytes = 10'000});
  EXPECT_FALSE(files.drop_from_page_cache());
}

TEST_F(DiskFilesTest, DroppedOnesAreReadFromTheDiskAgain) {
  const DiskFiles files({.directory = {}, .count = 2, .bytes = 1'000'000});
  if (!files.drop_from_page_cache()) GTEST_SKIP() << "the page cache cannot be dropped here";
  const auto blocks_read = [&files] {
    ::rusage before{};
    ::rusage after{};
    ::getrusage(RUSAGE_SELF, &before);
    EXPECT_FALSE(read_file(files.reads().front()).error);
    ::getrusage(RUSAGE_SELF, &after);
    return after.ru_inblock - before.ru_inblock;
  };
  EXPECT_GT(blocks_read(), 0);
  EXPECT_EQ(blocks_read(), 0) << "the second time from memory";
}

}  // namespace
}  // namespace concurrency_models
