#include "support/in_child.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <iostream>
#include <system_error>

#include "leave_child.h"

namespace concurrency_models {

int in_child(const std::function<int()>& body) {
  std::cout.flush();
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) {
    int status = 120;
    try {
      status = body();
    } catch (const std::exception& error) {
      std::cerr << "in a child: " << error.what() << '\n';
    }
    leave_child(status);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace concurrency_models
