#pragma once

namespace concurrency_models {

/// Ends a forked child with this status and at once, as _exit(2) does: what the parent has to do at
/// its end, destructors and buffers, is none of the child's business. In a build that counts what
/// lines are run the child's counts are written, which its end would otherwise lose.
[[noreturn]] void leave_child(int status);

}  // namespace concurrency_models
