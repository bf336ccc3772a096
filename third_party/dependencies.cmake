# How each dependency is found: the system's package first; where there is none, the release named
# here is fetched and built along. Include from the top-level list file.
include(FetchContent)

find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)  # too large to build along: a package exists everywhere

# Asio, Beast and System are headers only; Url and Context have libraries.
find_package(Boost 1.81 QUIET COMPONENTS url context)
if(NOT Boost_FOUND)
  # Others could not find again what was built along with this.
  set(CONCURRENCY_MODELS_INSTALL OFF)
  set(BOOST_INCLUDE_LIBRARIES asio beast context system url)
  set(BOOST_ENABLE_CMAKE ON)
  FetchContent_Declare(Boost
    URL https://github.com/boostorg/boost/releases/download/boost-1.84.0/boost-1.84.0.tar.xz
    URL_HASH SHA256=2e64e5d79a738d0fa6fb546c6e5c2bd28f88d268a2a080546f74e5ff98f29d0e
    EXCLUDE_FROM_ALL)
  FetchContent_MakeAvailable(Boost)
endif()

# Optional: only Linux has io_uring. ThreadSanitizer cannot see what the kernel does with memory that
# it shares with the program.
set(CONCURRENCY_MODELS_IO_URING OFF)
find_path(LIBURING_INCLUDE_DIR liburing.h)
find_library(LIBURING_LIBRARY uring)
mark_as_advanced(LIBURING_INCLUDE_DIR LIBURING_LIBRARY)
if(LIBURING_INCLUDE_DIR AND LIBURING_LIBRARY AND CMAKE_SYSTEM_NAME STREQUAL "Linux"
    AND NOT CONCURRENCY_MODELS_SANITIZERS MATCHES "thread")
  set(CONCURRENCY_MODELS_IO_URING ON)
  add_library(liburing::liburing UNKNOWN IMPORTED)
  set_target_properties(liburing::liburing PROPERTIES
    IMPORTED_LOCATION "${LIBURING_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${LIBURING_INCLUDE_DIR}")
endif()

find_package(CLI11 2.1 QUIET)
if(NOT CLI11_FOUND)
  FetchContent_Declare(CLI11
    GIT_REPOSITORY https://github.com/CLIUtils/CLI11.git
    GIT_TAG v2.4.1
    GIT_SHALLOW ON)
  FetchContent_MakeAvailable(CLI11)
endif()

if(CONCURRENCY_MODELS_BENCHMARKS)
  find_package(benchmark 1.7.1 QUIET)
  if(NOT benchmark_FOUND)
    set(BENCHMARK_ENABLE_TESTING OFF)
    set(BENCHMARK_ENABLE_INSTALL OFF)
    FetchContent_Declare(benchmark
      GIT_REPOSITORY https://github.com/google/benchmark.git
      GIT_TAG v1.8.3
      GIT_SHALLOW ON)
    FetchContent_MakeAvailable(benchmark)
    set(benchmark_VERSION 1.8.3)
  endif()

  find_package(nlohmann_json 3.10 QUIET)
  if(NOT nlohmann_json_FOUND)
    FetchContent_Declare(nlohmann_json
      GIT_REPOSITORY https://github.com/nlohmann/json.git
      GIT_TAG v3.11.3
      GIT_SHALLOW ON)
    FetchContent_MakeAvailable(nlohmann_json)
  endif()
endif()

# Optional: what others offer for the same work, for bench_peers alone. Compilers bring OpenMP along,
# so that it is no reason to build that program. ThreadSanitizer knows nothing of how these libraries
# synchronise, which are not built with it.
set(CONCURRENCY_MODELS_PEERS "")
if(CONCURRENCY_MODELS_BENCHMARKS AND NOT CONCURRENCY_MODELS_SANITIZERS MATCHES "thread")
  find_package(CURL 7.85 QUIET)
  if(CURL_FOUND AND CMAKE_SYSTEM_NAME STREQUAL "Linux")  # its sockets are watched by epoll
    list(APPEND CONCURRENCY_MODELS_PEERS LIBCURL)
  endif()
  find_package(TBB 2021 QUIET CONFIG)
  if(TBB_FOUND)
    list(APPEND CONCURRENCY_MODELS_PEERS TBB)
    # Not every standard library has parallel algorithms; gcc's has them by TBB.
    include(CheckCXXSourceCompiles)
    set(CMAKE_REQUIRED_FLAGS "${CMAKE_CXX20_STANDARD_COMPILE_OPTION}")
    set(CMAKE_REQUIRED_LIBRARIES TBB::tbb)
    check_cxx_source_compiles("
      #include <algorithm>
      #include <execution>
      int main(int argc, char** argv) {
        std::for_each(std::execution::par, argv, argv + argc, [](char*) {});
      }" CONCURRENCY_MODELS_HAS_PARALLEL_FOR_EACH)
    unset(CMAKE_REQUIRED_FLAGS)
    unset(CMAKE_REQUIRED_LIBRARIES)
    if(CONCURRENCY_MODELS_HAS_PARALLEL_FOR_EACH)
      list(APPEND CONCURRENCY_MODELS_PEERS PARALLEL_FOR_EACH)
    endif()
  endif()
  if(CONCURRENCY_MODELS_PEERS)
    find_package(OpenMP QUIET COMPONENTS CXX)
    if(OpenMP_CXX_FOUND)
      list(APPEND CONCURRENCY_MODELS_PEERS OPENMP)
    endif()
  endif()
endif()

if(CONCURRENCY_MODELS_TESTS)
  find_package(GTest 1.12 QUIET)
  if(NOT GTest_FOUND)
    FetchContent_Declare(googletest
      GIT_REPOSITORY https://github.com/google/googletest.git
      GIT_TAG v1.14.0
      GIT_SHALLOW ON)
    FetchContent_MakeAvailable(googletest)
  endif()
endif()

# Others could not find again what was built along with the suite.
set(CONCURRENCY_MODELS_INSTALL_BENCH_SUITE OFF)
if(CONCURRENCY_MODELS_INSTALL AND CONCURRENCY_MODELS_BENCHMARKS
   AND benchmark_FOUND AND nlohmann_json_FOUND AND CLI11_FOUND)
  set(CONCURRENCY_MODELS_INSTALL_BENCH_SUITE ON)
endif()
