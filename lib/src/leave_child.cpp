#include "leave_child.h"

#include <unistd.h>

#if CONCURRENCY_MODELS_COVERAGE
extern "C" void __gcov_dump();  // NOLINT: gcc's gcov.h declares it for C alone
#endif

namespace concurrency_models {

void leave_child(int status) {
#if CONCURRENCY_MODELS_COVERAGE
  __gcov_dump();
#endif
  ::_exit(status);
}

}  // namespace concurrency_models
