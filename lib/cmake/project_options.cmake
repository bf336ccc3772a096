# What all of this project's own targets are compiled with, and nobody else's: link them privately
# to concurrency_models_options.
set(CONCURRENCY_MODELS_SANITIZERS "" CACHE STRING "Value for -fsanitize=, for instance thread")

add_library(concurrency_models_options INTERFACE)
target_compile_options(concurrency_models_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Woverloaded-virtual
  $<$<BOOL:${CONCURRENCY_MODELS_WARNINGS_AS_ERRORS}>:-Werror>)
if(CONCURRENCY_MODELS_SANITIZERS)
  set(sanitizer_flags -fsanitize=${CONCURRENCY_MODELS_SANITIZERS} -fno-sanitize-recover=all
      -fno-omit-frame-pointer)
  target_compile_options(concurrency_models_options INTERFACE ${sanitizer_flags}
    # False among sanitizers' own code, as gcc's manual warns under -fsanitize.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
    $<$<CXX_COMPILER_ID:GNU>:-Wno-mismatched-new-delete>
    # UBSan's check of called functions' types, of which clang's coroutines make no valid object file
    # before clang 17.
    $<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=function>)
  target_link_options(concurrency_models_options INTERFACE ${sanitizer_flags})
  # Links these large programs in a third of the usual linker's time.
  find_program(CONCURRENCY_MODELS_LLD ld.lld)
  mark_as_advanced(CONCURRENCY_MODELS_LLD)
  if(CONCURRENCY_MODELS_LLD AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_link_options(concurrency_models_options INTERFACE -fuse-ld=lld)
  endif()
endif()
# What is counted by several threads at once must be counted right; gcov refuses negative counts.
if(CONCURRENCY_MODELS_COVERAGE)
  target_compile_options(concurrency_models_options INTERFACE --coverage -fprofile-update=atomic)
  target_compile_definitions(concurrency_models_options INTERFACE CONCURRENCY_MODELS_COVERAGE=1)
  target_link_options(concurrency_models_options INTERFACE --coverage)
endif()
# Tells libFuzzer which code an input got to; its own main() is linked to fuzz targets alone.
if(CONCURRENCY_MODELS_FUZZERS)
  target_compile_options(concurrency_models_options INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(concurrency_models_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Hardening is for what this project builds. Link options go to its programs alone, through
# concurrency_models_program_options, and nothing of it to those who consume the library. Elsewhere
# than on Linux compilers have other options for the same, or do it by themselves. What each does and
# costs: docs/hardening.md.
add_library(concurrency_models_program_options INTERFACE)
target_link_libraries(concurrency_models_program_options INTERFACE concurrency_models_options)
set(CONCURRENCY_MODELS_HARDENING_FLAGS "")
if(CONCURRENCY_MODELS_HARDENING AND CMAKE_SYSTEM_NAME STREQUAL "Linux"
    AND NOT CMAKE_BUILD_TYPE STREQUAL "Debug")  # fortified functions take an optimiser
  # A distribution may have defined it already, as something else.
  set(CONCURRENCY_MODELS_HARDENING_FLAGS -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
    -fstack-protector-strong -fPIE)
  # Not every processor has these.
  include(CheckCXXCompilerFlag)
  foreach(flag -fstack-clash-protection -fcf-protection=return)
    string(MAKE_C_IDENTIFIER "CONCURRENCY_MODELS_HAS${flag}" has_flag)
    check_cxx_compiler_flag(${flag} ${has_flag})
    if(${has_flag})
      list(APPEND CONCURRENCY_MODELS_HARDENING_FLAGS ${flag})
    endif()
  endforeach()
  target_compile_options(concurrency_models_options INTERFACE ${CONCURRENCY_MODELS_HARDENING_FLAGS})
  target_link_options(concurrency_models_program_options INTERFACE -pie -Wl,-z,relro,-z,now)
endif()
