# The documentation's example of a model of one's own: built against what is installed, its bench
# has every case that the plain one has, and four more.
include("${CMAKE_CURRENT_LIST_DIR}/installed.cmake")

build(bench bench)
set(installed_bench "${WORK}/prefix/bin/bench")
set(sizes --latency-scale 0 --fibonacci 5:8:1 --workers 2 --benchmark_min_time=0)
set(own_cases io_mine cpu_mine mixed_mine blocking_mine)

# Sets `variable` to the names of the cases that a command lists.
function(list_cases variable)
  run(${ARGN} --benchmark_list_tests)
  string(REGEX MATCHALL "[^\n]+" names "${out}")
  set(${variable} "${names}" PARENT_SCOPE)
endfunction()

function(expect_same what names expected_names)
  list(SORT names)
  list(SORT expected_names)
  if(NOT names STREQUAL expected_names)
    message(FATAL_ERROR "${what}: ${names}\nexpected: ${expected_names}")
  endif()
endfunction()

# Without numbers of workers, each once.
function(expect_families what names)
  list(TRANSFORM names REPLACE "/.*" "")
  list(REMOVE_DUPLICATES names)
  expect_same("${what}" "${names}" "${ARGN}")
endfunction()

# All that there is, run once: each case a row, none with an error.
attempt("${bench}" ${sizes} --benchmark_format=json)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${said}")
endif()
string(JSON row_count ERROR_VARIABLE json_error LENGTH "${out}" benchmarks)
if(json_error)
  message(FATAL_ERROR "${said}\nno JSON: ${json_error}")
endif()
set(rows "")
math(EXPR last_row "${row_count} - 1")
foreach(row RANGE ${last_row})
  string(JSON name GET "${out}" benchmarks ${row} name)
  string(JSON error ERROR_VARIABLE no_error GET "${out}" benchmarks ${row} error_message)
  if(NOT no_error)
    message(FATAL_ERROR "${name}: ${error}")
  endif()
  list(APPEND rows "${name}")
endforeach()
list_cases(plain_cases "${installed_bench}" ${sizes})
set(others ${rows})
list(REMOVE_ITEM others ${plain_cases})
expect_families("beside the plain bench's cases" "${others}" ${own_cases})
list(REMOVE_ITEM rows ${others})
expect_same("the plain bench's cases" "${rows}" "${plain_cases}")

# What the command line selects.
list_cases(cases "${bench}" --benchmark_filter=_mine)
expect_families("--benchmark_filter=_mine" "${cases}" ${own_cases})
list_cases(cases "${bench}" --models mine,async)
expect_families("--models mine,async" "${cases}"
  ${own_cases} io_async cpu_async mixed_async blocking_async)
list_cases(cases "${bench}" --models standard ${sizes})
expect_same("--models standard" "${cases}" "${plain_cases};${others}")
run("${bench}" --help)
if(NOT out MATCHES "--models")
  message(FATAL_ERROR "no help: ${out}")
endif()
run_in_vain(2 SAYS "'nobodys'" "sequential" ", mine" COMMAND "${bench}" --models mine,nobodys)

# Only whoever asks for the suite must have what it needs.
foreach(package IN ITEMS benchmark nlohmann_json CLI11)
  set_configure_command(configure "without_${package}"
    "-DCMAKE_DISABLE_FIND_PACKAGE_${package}=ON")
  run_in_vain(1 SAYS "${package}" COMMAND ${configure})
endforeach()

# Without the installed origin, that beside the program serves as well.
set(small_run "${bench}" "--benchmark_filter=^io_mine/" ${sizes})
file(RENAME "${WORK}/prefix/bin/origin" "${WORK}/origin")
cmake_path(GET bench PARENT_PATH folder)
run_in_vain(1 SAYS "${folder}/origin" "${WORK}/prefix/bin/origin" COMMAND ${small_run})
file(RENAME "${WORK}/origin" "${folder}/origin")
run(${small_run})

file(REMOVE_RECURSE "${WORK}")
