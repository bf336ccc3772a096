#pragma once

#include <cstdint>
#include <optional>

namespace concurrency_models {

/// Gives memory that was freed back to the system and sets this process's resident high-water mark
/// to what is resident now, so that peak_memory_kb() speaks of what comes after. False where the
/// system cannot do that (anything but Linux, or /proc not writable): a peak read then is that of
/// the process's whole life and must not be reported as a case's own.
///
/// With glibc it limits the allocator to as many arenas as there are cores, from the first call on,
/// because what an arena keeps cannot be given back reliably; it starts threads for a moment, no
/// more than there are arenas, because their ends empty what glibc keeps for a thread. The process
/// must have no other thread.
[[nodiscard]] bool reset_peak_memory();

/// This process's resident high-water mark in KiB, if the system tells.
[[nodiscard]] std::optional<std::int64_t> peak_memory_kb();

}  // namespace concurrency_models
