#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include "file_descriptor.h"
#include "leave_child.h"
#include "platform/platform.h"

namespace concurrency_models::platform {
namespace {

#if defined(__has_feature)
constexpr bool address_sanitizer = __has_feature(address_sanitizer);
constexpr bool thread_sanitizer = __has_feature(thread_sanitizer);
#else
#if defined(__SANITIZE_ADDRESS__)
constexpr bool address_sanitizer = true;
#else
constexpr bool address_sanitizer = false;
#endif
#if defined(__SANITIZE_THREAD__)
constexpr bool thread_sanitizer = true;
#else
constexpr bool thread_sanitizer = false;
#endif
#endif

/// The number after `key` in a file of lines "Key:   number kB", as /proc has them.
std::optional<std::int64_t> number_after(const char* file, std::string_view key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(key)) {
      std::istringstream rest(line.substr(key.size()));
      std::int64_t value = 0;
      if (rest >> value) return value;
      return std::nullopt;
    }
  }
  return std::nullopt;
}

/// Whether a line of /proc/self/task/TID/stat, "TID (name) state …", is of a thread that this
/// process started and that still runs its code. Those that the kernel runs for io_uring stay for
/// seconds after their last work; one that was joined is listed until the kernel has cleared it up,
/// and is leaving already when it lets go of who joins it (PF_EXITING of the kernel's sched.h).
bool is_running_thread(const std::string& stat) {
  constexpr unsigned long exiting = 0x4;
  constexpr int fields_before_flags = 6;
  const auto name = stat.find('(');
  const auto name_end = stat.rfind(')');
  if (name == std::string::npos || name_end == std::string::npos) return false;
  if (stat.compare(name + 1, 4, "iou-") == 0) return false;
  std::istringstream fields(stat.substr(name_end + 1));
  std::string field;
  for (int skipped = 0; skipped < fields_before_flags; ++skipped) fields >> field;
  unsigned long flags = 0;
  return fields >> flags && (flags & exiting) == 0;
}

std::int64_t count_running_threads() {
  std::int64_t count = 0;
  std::error_code error;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task", error)) {
    std::ifstream in(thread.path() / "stat");
    std::string stat;
    if (std::getline(in, stat) && is_running_thread(stat)) ++count;
  }
  return count;
}

/// "0-3,8" as 0 1 2 3 8.
std::vector<unsigned> parse_processor_list(const std::string& text) {
  std::vector<unsigned> processors;
  std::istringstream ranges(text);
  for (std::string range; std::getline(ranges, range, ',');) {
    std::istringstream in(range);
    unsigned first = 0;
    if (!(in >> first)) return {};
    unsigned last = first;
    if (in.peek() == '-') in.ignore() >> last;
    for (unsigned processor = first; processor <= last; ++processor) {
      processors.push_back(processor);
    }
  }
  return processors;
}

constexpr std::size_t max_processors = 4096;

/// cpu_set_t as large as the largest machines need; the fixed-size macros stop at 1024.
class ProcessorSet {
 public:
  ProcessorSet() : set_(CPU_ALLOC(max_processors)) { CPU_ZERO_S(bytes(), set_); }
  ~ProcessorSet() { CPU_FREE(set_); }
  ProcessorSet(const ProcessorSet&) = delete;
  ProcessorSet& operator=(const ProcessorSet&) = delete;
  ProcessorSet(ProcessorSet&&) = delete;
  ProcessorSet& operator=(ProcessorSet&&) = delete;

  static std::size_t bytes() { return CPU_ALLOC_SIZE(max_processors); }
  [[nodiscard]] cpu_set_t* get() const { return set_; }
  void add(unsigned processor) { CPU_SET_S(processor, bytes(), set_); }
  [[nodiscard]] bool holds(unsigned processor) const {
    return CPU_ISSET_S(processor, bytes(), set_) != 0;
  }

 private:
  cpu_set_t* set_;
};

#if defined(__GLIBC__)

/// How many arenas the allocator has made so far: the main one, and others as threads needed them.
std::size_t count_arenas() {
  char* text = nullptr;
  std::size_t size = 0;
  FILE* const stream = ::open_memstream(&text, &size);
  if (stream == nullptr) return 0;
  ::malloc_info(0, stream);
  std::fclose(stream);
  std::size_t arenas = 0;
  const std::string_view report(text, size);
  constexpr std::string_view arena = "<heap nr=";
  for (auto at = report.find(arena); at != std::string_view::npos;
       at = report.find(arena, at + 1)) {
    ++arenas;
  }
  std::free(text);
  return arenas;
}

/// Returns to the arenas the freed pieces that this thread's cache keeps. Those are some hundred,
/// and after a large case each may hold a page, or the end of the heap, that malloc_trim would give
/// back. glibc has no call for it, but a thread's end empties its cache. So this thread takes all
/// pieces out of its own, and another one frees them.
void empty_thread_cache() {
  // glibc caches pieces of 64 sizes up to this one and by default seven of each, later versions
  // sixteen. Asking for more than there are makes some anew, which costs nothing but a little time.
  constexpr std::size_t largest = 1032;
  constexpr std::size_t smallest = 24;
  constexpr std::size_t step = 16;
  constexpr std::size_t of_each_size = 16;
  std::vector<void*> pieces;
  pieces.reserve(((largest - smallest) / step + 1) * of_each_size);
  for (std::size_t size = smallest; size <= largest; size += step) {
    for (std::size_t i = 0; i < of_each_size; ++i) pieces.push_back(std::malloc(size));
  }
  const auto free_all = [&pieces] {
    for (void* const piece : pieces) std::free(piece);
  };
  try {
    std::thread(free_all).join();
  } catch (const std::system_error&) {
    free_all();  // no thread to be had: they go back into the cache
  }
}

/// Gives back the free end of every arena but the main one, which malloc_trim leaves alone: glibc
/// does so only when something large is freed in the arena (heap_trim in its malloc/arena.c). So as
/// many threads as there are such arenas, each of which gets one of its own, free something large.
void trim_thread_arenas() {
  constexpr std::size_t large = std::size_t{100} << 10;
  const std::size_t arenas = count_arenas();
  std::promise<void> all_have_one;
  const std::shared_future<void> ready = all_have_one.get_future().share();
  std::vector<std::thread> threads;
  try {
    for (std::size_t i = 1; i < arenas; ++i) {
      threads.emplace_back([ready] {
        void* volatile held = std::malloc(1);
        ready.wait();
        void* volatile freed = std::malloc(large);
        std::free(freed);
        std::free(held);
      });
    }
  } catch (const std::exception&) {
    // No thread, or no memory for it: what those that there are can give back must do.
  }
  all_have_one.set_value();
  for (std::thread& thread : threads) thread.join();
}

#endif

}  // namespace

void release_free_memory() {
#if defined(__GLIBC__)
  // Their allocators are not glibc's; and in a forked process the threads that empty caches would
  // bring along another one of ThreadSanitizer's own.
  if (address_sanitizer || thread_sanitizer) return;
  // From what size on a free end is given back, and how much of it is kept. Setting these at all
  // also fixes the size from which memory is mapped, so it is done before every case or none.
  constexpr int default_size = 128 * 1024;
  // More arenas than threads that can run at once (the default is eight for each core) save no
  // waiting, and each keeps memory that the next case would be charged with.
  static const int arenas = static_cast<int>(std::max<std::size_t>(affinity(0).size(), 1));
  ::mallopt(M_ARENA_MAX, arenas);
  ::mallopt(M_TRIM_THRESHOLD, 0);
  ::mallopt(M_TOP_PAD, 0);
  empty_thread_cache();
  ::malloc_trim(0);  // also joins small free pieces, some of them to the free ends
  trim_thread_arenas();
  ::mallopt(M_TRIM_THRESHOLD, default_size);
  ::mallopt(M_TOP_PAD, default_size);
#endif
}

bool reset_peak_rss() {
  // 5: reset the high-water mark, see proc_pid_clear_refs(5)
  std::ofstream out("/proc/self/clear_refs");
  out << '5' << std::flush;
  return out.good();
}

std::optional<std::int64_t> peak_rss_kb() { return number_after("/proc/self/status", "VmHWM:"); }

std::optional<std::int64_t> unique_set_kb() {
  // Read at once, because making it up takes the kernel 0.1 ms, and without streams and strings,
  // whose pages would be part of what is read.
  std::array<char, 4096> text{};
  const FileDescriptor file(::open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC));
  const ssize_t size = file.get() < 0 ? -1 : ::read(file.get(), text.data(), text.size() - 1);
  if (size <= 0) return std::nullopt;
  std::int64_t sum = 0;
  for (const char* const key : {"Private_Clean:", "Private_Dirty:"}) {
    const char* const found = std::strstr(text.data(), key);
    if (found == nullptr) return std::nullopt;
    sum += std::strtoll(found + std::strlen(key), nullptr, 10);
  }
  return sum;
}

bool drop_from_page_cache(int fd, std::uint64_t bytes) {
  if (bytes == 0) return true;
  if (::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) != 0) return false;
  // It is advice: whether it was taken is seen by what is resident still.
  void* const mapped = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) return false;
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> resident((bytes + page - 1) / page);
  const bool known = ::mincore(mapped, bytes, resident.data()) == 0;
  ::munmap(mapped, bytes);
  return known && std::none_of(resident.begin(), resident.end(),
                               [](unsigned char flags) { return (flags & 1) != 0; });
}

std::int64_t max_rss_kb(const ::rusage& usage) { return usage.ru_maxrss; }

std::optional<Seconds> process_cpu_time(pid_t pid) {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &time) != 0) {
    return std::nullopt;
  }
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

std::optional<unsigned> thread_count() {
  auto threads = number_after("/proc/self/status", "Threads:");
  if (!threads) return std::nullopt;
  if (*threads > 1) threads = count_running_threads();
  // ThreadSanitizer keeps a thread of its own, which it takes care of across forks.
  if (thread_sanitizer && *threads > 1) --*threads;
  return static_cast<unsigned>(*threads);
}

void end_with_parent(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) leave_child(1);
}

std::vector<unsigned> affinity(pid_t pid) {
  const ProcessorSet set;
  if (::sched_getaffinity(pid, ProcessorSet::bytes(), set.get()) != 0) return {};
  std::vector<unsigned> processors;
  for (unsigned processor = 0; processor < max_processors; ++processor) {
    if (set.holds(processor)) processors.push_back(processor);
  }
  return processors;
}

std::vector<unsigned> online_processors() {
  std::ifstream in("/sys/devices/system/cpu/online");
  std::string text;
  if (!std::getline(in, text)) return {};
  return parse_processor_list(text);
}

bool set_affinity(pid_t pid, const std::vector<unsigned>& processors) {
  ProcessorSet set;
  for (const unsigned processor : processors) {
    if (processor >= max_processors) return false;
    set.add(processor);
  }
  return ::sched_setaffinity(pid, ProcessorSet::bytes(), set.get()) == 0;
}

// Some architectures have no such line.
std::string cpu_model() {
  constexpr std::string_view key = "model name";
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with(key) && colon != std::string::npos) return line.substr(colon + 2);
  }
  return {};
}

bool prepare_to_send(int /*socket*/) { return true; }

ssize_t send(int socket, const void* data, std::size_t size) {
  return ::send(socket, data, size, MSG_NOSIGNAL);
}

rlim_t most_descriptors(rlim_t hard_limit) { return hard_limit; }

void forbid_core_dumps() {
  // A limit of 0 is only for files: where dumps go through a pipe to a program (core(5)), that gets
  // them all the same. 1 is too little for a file and stops the pipe (fs/coredump.c).
  const rlimit none{.rlim_cur = 1, .rlim_max = 1};
  ::setrlimit(RLIMIT_CORE, &none);
}

std::filesystem::path current_program() {
  std::error_code error;
  auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) return program;
  // Without /proc: as it was named when it was started, which after a change of directory or of its
  // name is wrong.
  // NOLINTNEXTLINE(performance-no-int-to-ptr): getauxval tells addresses as numbers
  const auto* const name = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
  return name == nullptr ? std::filesystem::path() : std::filesystem::absolute(name, error);
}

}  // namespace concurrency_models::platform
