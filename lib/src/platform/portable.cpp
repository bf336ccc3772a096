#include <sys/socket.h>
#include <unistd.h>

#if defined(__APPLE__)
#include <mach-o/dyld.h>
#include <mach/mach.h>
#include <sys/sysctl.h>
#include <sys/syslimits.h>
#endif

#include <algorithm>
#include <array>
#include <string>
#include <thread>

#include "leave_child.h"
#include "platform/platform.h"

namespace concurrency_models::platform {

void release_free_memory() {}

bool reset_peak_rss() { return false; }

std::optional<std::int64_t> peak_rss_kb() { return std::nullopt; }

std::optional<std::int64_t> unique_set_kb() { return std::nullopt; }

bool drop_from_page_cache(int /*fd*/, std::uint64_t /*bytes*/) { return false; }

std::int64_t max_rss_kb(const ::rusage& usage) {
#if defined(__APPLE__)
  constexpr std::int64_t units_per_kb = 1024;
#else
  constexpr std::int64_t units_per_kb = 1;
#endif
  return usage.ru_maxrss / units_per_kb;
}

std::optional<Seconds> process_cpu_time(pid_t /*pid*/) { return std::nullopt; }

std::optional<unsigned> thread_count() {
#if defined(__APPLE__)
  thread_act_array_t threads = nullptr;
  mach_msg_type_number_t count = 0;
  if (::task_threads(::mach_task_self(), &threads, &count) != KERN_SUCCESS) return std::nullopt;
  for (mach_msg_type_number_t i = 0; i < count; ++i) {
    ::mach_port_deallocate(::mach_task_self(), threads[i]);
  }
  ::vm_deallocate(::mach_task_self(), reinterpret_cast<vm_address_t>(threads),
                  count * sizeof(thread_act_t));
  return count;
#else
  return std::nullopt;
#endif
}

// Nothing sends a signal later on: see ProcessGroup::parent_is_gone.
void end_with_parent(pid_t parent) {
  if (::getppid() != parent) leave_child(1);
}

std::vector<unsigned> affinity(pid_t /*pid*/) { return {}; }

std::vector<unsigned> online_processors() { return {}; }

bool set_affinity(pid_t /*pid*/, const std::vector<unsigned>& /*processors*/) { return false; }

std::optional<double> cgroup_cpu_quota(const std::filesystem::path& /*root*/) {
  return std::nullopt;
}

std::optional<std::int64_t> cgroup_processes_left(const std::filesystem::path& /*root*/) {
  return std::nullopt;
}

std::optional<std::int64_t> cgroup_memory_left_kb(const std::filesystem::path& /*root*/) {
  return std::nullopt;
}

std::string cpu_model() {
#if defined(__APPLE__)
  std::array<char, 256> name{};
  std::size_t size = name.size() - 1;  // a zero stays behind whatever is written
  if (::sysctlbyname("machdep.cpu.brand_string", name.data(), &size, nullptr, 0) == 0) {
    return name.data();
  }
#endif
  return {};
}

bool prepare_to_send([[maybe_unused]] int socket) {
#if defined(SO_NOSIGPIPE)
  const int one = 1;
  return ::setsockopt(socket, SOL_SOCKET, SO_NOSIGPIPE, &one, sizeof one) == 0;
#else
  return true;
#endif
}

ssize_t send(int socket, const void* data, std::size_t size) {
#if defined(MSG_NOSIGNAL)
  constexpr int flags = MSG_NOSIGNAL;
#else
  constexpr int flags = 0;
#endif
  return ::send(socket, data, size, flags);
}

rlim_t most_descriptors(rlim_t hard_limit) {
#if defined(__APPLE__)
  // It says that there is no limit, and then refuses more than this: see setrlimit(2) there.
  return std::min<rlim_t>(hard_limit, OPEN_MAX);
#else
  return hard_limit;
#endif
}

void forbid_core_dumps() {
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

std::filesystem::path current_program() {
#if defined(__APPLE__)
  std::string path(4096, '\0');
  auto size = static_cast<std::uint32_t>(path.size());
  if (::_NSGetExecutablePath(path.data(), &size) == 0) {
    return std::filesystem::path(path.c_str());
  }
#endif
  return {};
}

}  // namespace concurrency_models::platform
