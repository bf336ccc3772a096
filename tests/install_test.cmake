# The package as it is without components: builds and runs a project that knows nothing else, and
# runs the installed programs. BENCHMARKS says whether bench must be among them.
include("${CMAKE_CURRENT_LIST_DIR}/installed.cmake")

# It asks for none of what the suite needs.
build(consumer consumer "-DCMAKE_DISABLE_FIND_PACKAGE_benchmark=ON"
  "-DCMAKE_DISABLE_FIND_PACKAGE_nlohmann_json=ON" "-DCMAKE_DISABLE_FIND_PACKAGE_CLI11=ON")
run("${consumer}")
message(STATUS "${out}")
if(NOT out MATCHES "^io_sequential: 10 jobs, 0 failures, [0-9.]+ s\n$")
  message(FATAL_ERROR "the consumer measured something else")
endif()

set_configure_command(configure refused "-DCOMPONENTS=nonsense")
run_in_vain(1 SAYS "There is no component 'nonsense'" COMMAND ${configure})

file(REMOVE_RECURSE "${WORK}/refused")
file(GLOB_RECURSE targets "${WORK}/prefix/*/concurrency_models-bench_suite-targets*.cmake")
if(targets)
  file(REMOVE ${targets})
endif()
set_configure_command(configure refused "-DCOMPONENTS=bench_suite")
run_in_vain(1 SAYS "CONCURRENCY_MODELS_BENCHMARKS=ON" COMMAND ${configure})

if(BENCHMARKS)
  set(small_run "${WORK}/prefix/bin/bench" "--benchmark_filter=^io_sequential/" --latency-scale 0
    --benchmark_min_time=0)
  run(${small_run})
  # It starts the origin that was installed with it, not the one it was built with.
  file(RENAME "${WORK}/prefix/bin/origin" "${WORK}/origin")
  run_in_vain(1 SAYS "no origin at ${WORK}/prefix/bin/origin:" COMMAND ${small_run})
endif()

file(REMOVE_RECURSE "${WORK}")
