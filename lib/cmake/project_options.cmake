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
endif()
# Tells libFuzzer which code an input got to; its own main() is linked to fuzz targets alone.
if(CONCURRENCY_MODELS_FUZZERS)
  target_compile_options(concurrency_models_options INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(concurrency_models_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
