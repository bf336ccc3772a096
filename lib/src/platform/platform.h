#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "concurrency_models/seconds.h"

/// What differs between systems, all of it. Each function has an implementation in linux.cpp or
/// linux_cgroup.cpp and one in portable.cpp, which does without where POSIX has nothing to offer.
namespace concurrency_models::platform {

/// Gives freed heap memory back to the system, as far as its allocator can.
void release_free_memory();

/// Sets the resident high-water mark of this process to what is resident now. False: cannot.
[[nodiscard]] bool reset_peak_rss();

/// Resident high-water mark of this process in KiB.
[[nodiscard]] std::optional<std::int64_t> peak_rss_kb();

/// What is resident of this process's memory and shared with no other, in KiB.
[[nodiscard]] std::optional<std::int64_t> unique_set_kb();

/// Makes the next read of a file, which has been written to the disk and has `bytes` bytes, come
/// from there. False: cannot, or the file is nowhere but in memory.
[[nodiscard]] bool drop_from_page_cache(int fd, std::uint64_t bytes);

/// The peak that getrusage or wait4 told, in KiB: some systems count bytes.
[[nodiscard]] std::int64_t max_rss_kb(const ::rusage& usage);

/// CPU time of another process so far, without its children's.
[[nodiscard]] std::optional<Seconds> process_cpu_time(pid_t pid);

/// Threads of this process that its code started, the main one included, and that have not ended.
[[nodiscard]] std::optional<unsigned> thread_count();

/// Makes this freshly forked process end when `parent` does; ends it at once if that has happened.
void end_with_parent(pid_t parent);

/// Processors a process (0: this one) may run on, and those that are online, ascending; empty:
/// unknown.
[[nodiscard]] std::vector<unsigned> affinity(pid_t pid);
[[nodiscard]] std::vector<unsigned> online_processors();

/// Restricts a process to those of these processors that it may have at all, which its cgroup can
/// make fewer than are online. False: it may have none of them, or cannot be restricted.
[[nodiscard]] bool set_affinity(pid_t pid, const std::vector<unsigned>& processors);

/// See cgroup.h.
[[nodiscard]] std::optional<double> cgroup_cpu_quota(const std::filesystem::path& root);
[[nodiscard]] std::optional<std::int64_t> cgroup_processes_left(const std::filesystem::path& root);
[[nodiscard]] std::optional<std::int64_t> cgroup_memory_left_kb(const std::filesystem::path& root);

/// What the processor calls itself; empty: unknown.
[[nodiscard]] std::string cpu_model();

/// send(2), and what it takes to be done to a socket beforehand, without SIGPIPE when the other end
/// is gone: that is an error like any. False, with errno: cannot.
[[nodiscard]] bool prepare_to_send(int socket);
[[nodiscard]] ssize_t send(int socket, const void* data, std::size_t size);

/// The highest soft limit of open descriptors that can be set under this hard one.
[[nodiscard]] rlim_t most_descriptors(rlim_t hard_limit);

/// From now on, whatever kills this process, its memory is not written anywhere.
void forbid_core_dumps();

/// The program this process runs; empty: unknown.
[[nodiscard]] std::filesystem::path current_program();

}  // namespace concurrency_models::platform
