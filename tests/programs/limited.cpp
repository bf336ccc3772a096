// Runs a program where something is short: descriptors, processes, memory, room on the disk, ports,
// /proc, or a system call.
//
//   limited LIMIT... -- COMMAND ARGUMENT...
//
//   descriptors=N          open files at most
//   tasks=N                processes and threads of the user at most, who is not root then
//   address_space=MIB      of each process
//   stack=KIB              of each thread, unless it says otherwise itself
//   file_size=BYTES        of each file written; SIGXFSZ is ignored, so that writing fails
//   processors=1           one of those there are
//   processes=N            at most, threads included, of the command and all it starts (cgroup)
//   memory=MIB             of the command and all it starts (cgroup)
//   disk=DIRECTORY:KIB     a file system of that size there, seen by the command only
//   read_only=DIRECTORY    which the command cannot write to, whoever it is
//   text=FILE:TEXT         all that is in a file there is, for the command only
//   no_proc                an empty directory is all there is at /proc
//   ports=FIRST-LAST       client ports in a network of the command's own
//   refuse=CALL:ERROR      a system call of those listed below, which fails with EPERM or ENOSYS
//
// Exits as the command did (128 and the number of a signal that ended it), 77 where a limit is not
// permitted here, 98 if the command left a process behind in its cgroup, 97 if it was told
// nonsense.
#include <dirent.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "support/comes_true.h"
#include "support/own_network.h"
#include "support/temporary_directory.h"

namespace {

namespace fs = std::filesystem;
using namespace concurrency_models;

constexpr int not_permitted = 77;
constexpr int left_processes = 98;
constexpr int nonsense = 97;
constexpr int signal_base = 128;

/// Where the system does not let this process be limited so.
struct NotPermitted : std::runtime_error {
  explicit NotPermitted(const std::string& what)
      : std::runtime_error(what + ": " + std::strerror(errno)) {}
};

std::uint64_t to_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw std::invalid_argument("no number: " + std::string(text));
  }
  return number;
}

/// "one:two" at the last colon.
std::pair<std::string, std::string> split(const std::string& text, char separator) {
  const auto at = text.rfind(separator);
  if (at == std::string::npos) throw std::invalid_argument("'" + text + "' lacks a part");
  return {text.substr(0, at), text.substr(at + 1)};
}

template <class Resource>
void limit_resource(Resource resource, std::uint64_t most) {
  const rlimit limit{.rlim_cur = most, .rlim_max = most};
  if (::setrlimit(resource, &limit) != 0) throw NotPermitted("setrlimit");
}

/// Those that happen to be open here would count in the command, too.
void leave_descriptors_behind() {
  if (::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) != 0) {
    throw NotPermitted("close_range");
  }
}

/// The hard limit stays: only new threads are to be affected.
void limit_stack(std::uint64_t kib) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_STACK, &limit) != 0) throw NotPermitted("getrlimit");
  limit.rlim_cur = kib << 10;
  if (::setrlimit(RLIMIT_STACK, &limit) != 0) throw NotPermitted("setrlimit");
}

/// The limit is not root's: in a namespace of users without any, its files are the same as before.
void limit_tasks(std::uint64_t most) {
  limit_resource(RLIMIT_NPROC, most);
  if (::unshare(CLONE_NEWUSER) != 0) throw NotPermitted("a user namespace");
}

void limit_file_size(std::uint64_t bytes) {
  ::signal(SIGXFSZ, SIG_IGN);
  limit_resource(RLIMIT_FSIZE, bytes);
}

/// One of those it may use already.
void use_one_processor() {
  cpu_set_t all;
  if (::sched_getaffinity(0, sizeof all, &all) != 0) throw NotPermitted("sched_getaffinity");
  for (int processor = 0; processor < CPU_SETSIZE; ++processor) {
    if (!CPU_ISSET(processor, &all)) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    if (::sched_setaffinity(0, sizeof one, &one) != 0) throw NotPermitted("sched_setaffinity");
    return;
  }
}

/// What is mounted from now on only this process and its children see.
void enter_own_mounts() {
  static bool done = false;
  if (done) return;
  if (::unshare(CLONE_NEWNS) != 0) throw NotPermitted("a mount namespace");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    throw NotPermitted("mounts of its own");
  }
  done = true;
}

void mount_memory(const std::string& where, const std::string& options) {
  enter_own_mounts();
  if (::mount("tmpfs", where.c_str(), "tmpfs", 0, options.c_str()) != 0) {
    throw NotPermitted("a file system at " + where);
  }
}

void make_read_only(const std::string& where) {
  enter_own_mounts();
  const char* const path = where.c_str();
  if (::mount(path, path, nullptr, MS_BIND, nullptr) != 0 ||
      ::mount(nullptr, path, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) != 0) {
    throw NotPermitted("a read-only " + where);
  }
}

/// By a file that is mounted over it, so that it may be one of the kernel's.
void replace_text(const std::string& file, const std::string& text) {
  enter_own_mounts();
  const TemporaryDirectory directory;  // what is mounted outlives its name
  const std::string replacement = directory.write("text", text);
  if (::mount(replacement.c_str(), file.c_str(), nullptr, MS_BIND, nullptr) != 0) {
    throw NotPermitted("another " + file);
  }
}

void narrow_ports(const std::string& first, const std::string& last) {
  if (!enter_own_network()) throw NotPermitted("a network namespace");
  std::ofstream range("/proc/sys/net/ipv4/ip_local_port_range");
  if (!(range << first << ' ' << last << std::flush)) throw NotPermitted("a range of ports");
}

long system_call(const std::string& name) {
  static const std::map<std::string, long> numbers = {
      {"clock_getres", __NR_clock_getres},
      {"close_range", __NR_close_range},
      {"fadvise64", __NR_fadvise64},
      {"fallocate", __NR_fallocate},
      {"flock", __NR_flock},
      {"fsync", __NR_fsync},
      {"getrandom", __NR_getrandom},
      {"getrusage", __NR_getrusage},
      {"madvise", __NR_madvise},
      {"memfd_create", __NR_memfd_create},
      {"mincore", __NR_mincore},
      {"pidfd_open", __NR_pidfd_open},
      {"prctl", __NR_prctl},
      {"prlimit64", __NR_prlimit64},
      {"rseq", __NR_rseq},
      {"sched_getaffinity", __NR_sched_getaffinity},
      {"sched_setaffinity", __NR_sched_setaffinity},
      {"set_robust_list", __NR_set_robust_list},
      {"setpgid", __NR_setpgid},
      {"sysinfo", __NR_sysinfo},
      {"timerfd_create", __NR_timerfd_create},
      {"clone3", __NR_clone3},
      {"eventfd2", __NR_eventfd2},
      {"pipe2", __NR_pipe2},
      {"epoll_create1", __NR_epoll_create1},
  };
  const auto found = numbers.find(name);
  if (found == numbers.end()) throw std::invalid_argument("unknown system call " + name);
  return found->second;
}

void refuse(const std::string& call, const std::string& error) {
  const auto number = static_cast<std::uint32_t>(system_call(call));
  const std::uint32_t code = error == "EPERM" ? EPERM : ENOSYS;
  std::array<sock_filter, 4> filter = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | code),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog program{.len = filter.size(), .filter = filter.data()};
  // Not by prctl's own call only, which may be what is refused.
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) {
    throw NotPermitted("a filter of system calls");
  }
}

bool lists(const std::string& comma_separated, const std::string& item) {
  std::istringstream in(comma_separated);
  for (std::string part; std::getline(in, part, ',');) {
    if (part == item) return true;
  }
  return false;
}

/// Where version 1 has this controller's hierarchy; else where version 2 hands it to groups below.
fs::path find_hierarchy(const std::string& controller, bool& v2) {
  std::ifstream mounts("/proc/self/mounts");
  fs::path unified;
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream in(line);
    std::string device;
    std::string point;
    std::string type;
    std::string options;
    in >> device >> point >> type >> options;
    if (type == "cgroup" && lists(options, controller)) {
      v2 = false;
      return point;
    }
    if (type == "cgroup2") unified = point;
  }
  v2 = true;
  std::ifstream handed_down(unified / "cgroup.subtree_control");
  for (std::string name; handed_down >> name;) {
    if (name == controller) return unified;
  }
  errno = ENOENT;
  throw NotPermitted("a cgroup that limits " + controller);
}

/// A group of processes that may have so much of something. It goes with this object.
class Cgroup {
 public:
  /// `file` sets the limit, by either version's name.
  Cgroup(const std::string& controller, const std::string& v1_file, const std::string& v2_file,
         std::uint64_t limit) {
    bool v2 = false;
    path_ = find_hierarchy(controller, v2) /
            ("concurrency_models." + controller + '.' + std::to_string(::getpid()));
    std::error_code error;
    if (!fs::create_directory(path_, error)) {
      errno = error.value();
      throw NotPermitted("a cgroup " + path_.string());
    }
    if (!write(v2 ? v2_file : v1_file, std::to_string(limit))) {
      const int why = errno;
      ::rmdir(path_.c_str());
      errno = why;
      throw NotPermitted("a limit of " + controller);
    }
    // Swapping instead of failing would take the test's time.
    if (controller == "memory") write(v2 ? "memory.swap.max" : "memory.swappiness", "0");
  }
  Cgroup(Cgroup&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Cgroup(const Cgroup&) = delete;
  Cgroup& operator=(const Cgroup&) = delete;
  Cgroup& operator=(Cgroup&&) = delete;
  ~Cgroup() {
    if (!path_.empty()) ::rmdir(path_.c_str());
  }

  void enter() const {
    if (!write("cgroup.procs", "0")) throw NotPermitted("entering a cgroup");
  }
  /// Kills and counts who is in there still, once those that are on their way out are gone.
  [[nodiscard]] std::size_t clear() const {
    if (comes_true([this] { return members().empty(); })) return 0;
    const std::vector<pid_t> left = members();
    for (const pid_t pid : left) ::kill(pid, SIGKILL);
    static_cast<void>(comes_true([this] { return members().empty(); }));
    return left.size();
  }

 private:
  bool write(const std::string& file, const std::string& value) const {
    std::ofstream out(path_ / file);
    out << value << std::flush;
    return out.good();
  }
  [[nodiscard]] std::vector<pid_t> members() const {
    std::ifstream in(path_ / "cgroup.procs");
    std::vector<pid_t> pids;
    for (pid_t pid = 0; in >> pid;) pids.push_back(pid);
    return pids;
  }

  fs::path path_;
};

struct Limits {
  std::vector<Cgroup> groups;
  std::vector<std::pair<std::string, std::string>> refused;
};

/// On this process, but for what would keep it from setting the rest.
void set_limit(const std::string& limit, Limits& limits) {
  const auto at = limit.find('=');
  const std::string name = limit.substr(0, at);
  const std::string value = at == std::string::npos ? "" : limit.substr(at + 1);
  if (name == "descriptors") {
    leave_descriptors_behind();
    limit_resource(RLIMIT_NOFILE, to_number(value));
  } else if (name == "tasks") {
    limit_tasks(to_number(value));
  } else if (name == "address_space") {
    limit_resource(RLIMIT_AS, to_number(value) << 20);
  } else if (name == "stack") {
    limit_stack(to_number(value));
  } else if (name == "file_size") {
    limit_file_size(to_number(value));
  } else if (name == "processors") {
    use_one_processor();
  } else if (name == "processes") {
    limits.groups.emplace_back("pids", "pids.max", "pids.max", to_number(value));
  } else if (name == "memory") {
    limits.groups.emplace_back("memory", "memory.limit_in_bytes", "memory.max",
                               to_number(value) << 20);
  } else if (name == "disk") {
    const auto [where, kib] = split(value, ':');
    mount_memory(where, "size=" + kib + "k");
  } else if (name == "read_only") {
    make_read_only(value);
  } else if (name == "text") {
    const auto colon = value.find(':');
    replace_text(value.substr(0, colon), value.substr(colon + 1));
  } else if (name == "no_proc") {
    mount_memory("/proc", "");
  } else if (name == "ports") {
    const auto [first, last] = split(value, '-');
    narrow_ports(first, last);
  } else if (name == "refuse") {
    limits.refused.push_back(split(value, ':'));
  } else {
    throw std::invalid_argument("unknown limit " + limit);
  }
}

[[noreturn]] void become(char** command, const Limits& limits) {
  try {
    for (const Cgroup& group : limits.groups) group.enter();
    for (const auto& [call, error] : limits.refused) refuse(call, error);
    ::execvp(command[0], command);
    std::cerr << "limited: " << command[0] << ": " << std::strerror(errno) << '\n';
    ::_exit(nonsense);
  } catch (const NotPermitted& error) {
    std::cerr << "limited: not permitted here: " << error.what() << '\n';
    ::_exit(not_permitted);
  }
}

int run(int argc, char** argv) {
  Limits limits;
  int at = 1;
  for (; at < argc && std::strcmp(argv[at], "--") != 0; ++at) set_limit(argv[at], limits);
  if (at + 1 >= argc) throw std::invalid_argument("no command");
  if (limits.groups.empty()) become(argv + at + 1, limits);
  const pid_t child = ::fork();
  if (child < 0) throw NotPermitted("fork");
  if (child == 0) become(argv + at + 1, limits);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  for (const Cgroup& group : limits.groups) {
    if (const std::size_t left = group.clear(); left > 0) {
      std::cerr << "limited: " << left << " processes were left behind\n";
      return left_processes;
    }
  }
  return WIFSIGNALED(status) ? signal_base + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const NotPermitted& error) {
    std::cerr << "limited: not permitted here: " << error.what() << '\n';
    return not_permitted;
  } catch (const std::exception& error) {
    std::cerr << "limited: " << error.what() << '\n';
    return nonsense;
  }
}
