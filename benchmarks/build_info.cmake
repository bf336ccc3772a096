# Writes OUTPUT from TEMPLATE. Without git, or outside a repository, the commit stays empty.
set(GIT_COMMIT "")
if(GIT)
  # Only a repository of this project's own: an enclosing one says nothing about these sources.
  execute_process(COMMAND "${GIT}" rev-parse --show-prefix WORKING_DIRECTORY "${SOURCE}"
    OUTPUT_VARIABLE prefix OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE no_repository)
  if(no_repository EQUAL 0 AND prefix STREQUAL "")
    execute_process(COMMAND "${GIT}" rev-parse --verify --quiet HEAD WORKING_DIRECTORY "${SOURCE}"
      OUTPUT_VARIABLE GIT_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    execute_process(COMMAND "${GIT}" --no-optional-locks status --porcelain
      WORKING_DIRECTORY "${SOURCE}" OUTPUT_VARIABLE changes ERROR_QUIET)
    if(GIT_COMMIT AND changes)
      string(APPEND GIT_COMMIT "-dirty")
    endif()
  endif()
endif()
foreach(text GIT_COMMIT COMPILER_FLAGS HARDENING_FLAGS BUILD_TYPE BENCHMARK_LIBRARY_VERSION)
  string(REPLACE "\\" "\\\\" ${text} "${${text}}")
  string(REPLACE "\"" "\\\"" ${text} "${${text}}")
endforeach()
configure_file("${TEMPLATE}" "${OUTPUT}" @ONLY)
