#include "file_descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <system_error>
#include <utility>

#include "support/in_child.h"

namespace concurrency_models {
namespace {

/// Of the std::system_error that it throws; 0: none.
int error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::system_error& error) {
    return error.code().value();
  }
  return 0;
}

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

TEST(FileDescriptorTest, ClosesWhatItOwnsOnce) {
  int number = -1;
  {
    Pipe pipe = make_pipe();
    number = pipe.read.get();
    const FileDescriptor taken = std::move(pipe.read);
    EXPECT_EQ(taken.get(), number);
    EXPECT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
}

TEST(FileDescriptorTest, LetsGoOfWhatItReleases) {
  Pipe pipe = make_pipe();
  const FileDescriptor owner(pipe.read.release());
  EXPECT_LT(pipe.read.get(), 0);
  pipe.read.close();
  EXPECT_TRUE(is_open(owner.get()));
}

TEST(FileDescriptorTest, PipesAreClosedOnExec) {
  const Pipe pipe = make_pipe();
  EXPECT_EQ(::fcntl(pipe.read.get(), F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(::fcntl(pipe.write.get(), F_GETFD), FD_CLOEXEC);
}

TEST(FileDescriptorTest, SaysThatThereIsNoneLeftForAPipe) {
  EXPECT_EQ(in_child([] {
              // UBSan looks at the first exception of a type through a pipe of its own, which it
              // must not want when there is none: this is the first.
              if (error_of([] { set_non_blocking(-1); }) != EBADF) return 2;
              rlimit limit{};
              ::getrlimit(RLIMIT_NOFILE, &limit);
              const rlimit none{.rlim_cur = 0, .rlim_max = limit.rlim_max};
              ::setrlimit(RLIMIT_NOFILE, &none);
              const int error = error_of([] { static_cast<void>(make_pipe()); });
              ::setrlimit(RLIMIT_NOFILE, &limit);
              return error == EMFILE ? 0 : 1;
            }),
            0);
}

TEST(FileDescriptorTest, WaitsForNothingOnceTold) {
  const Pipe pipe = make_pipe();
  set_non_blocking(pipe.read.get());
  char byte = 0;
  EXPECT_LT(::read(pipe.read.get(), &byte, 1), 0);
  EXPECT_EQ(errno, EAGAIN);
}

TEST(FileDescriptorTest, SaysThatWhatIsClosedCannotBeSetUp) {
  Pipe pipe = make_pipe();
  const int number = pipe.read.get();
  pipe.read.close();
  EXPECT_THROW(set_non_blocking(number), std::system_error);
}

}  // namespace
}  // namespace concurrency_models
