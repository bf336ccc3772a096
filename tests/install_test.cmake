# Installs a build into a fresh prefix, and builds and runs against it a project that knows nothing
# else. Called by CTest:
#   cmake -DBUILD=… -DCONSUMER=… -DWORK=… -DCONFIG=… -DCOMPILER=… -DGENERATOR=… -DFLAGS=… -P this
foreach(name IN ITEMS BUILD CONSUMER WORK CONFIG COMPILER GENERATOR)
  if("${${name}}" STREQUAL "")
    message(FATAL_ERROR "${name} is not given")
  endif()
endforeach()

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nended with ${status}:\n${out}")
  endif()
  set(out "${out}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE "${WORK}")
run("${CMAKE_COMMAND}" --install "${BUILD}" --config "${CONFIG}" --prefix "${WORK}/first")
# What is installed may be moved.
file(RENAME "${WORK}/first" "${WORK}/prefix")
run("${CMAKE_COMMAND}" -S "${CONSUMER}" -B "${WORK}/build" -G "${GENERATOR}"
  "-DCMAKE_BUILD_TYPE=${CONFIG}" "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_CXX_FLAGS=${FLAGS}"
  "-DCMAKE_PREFIX_PATH=${WORK}/prefix" "-DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF")
run("${CMAKE_COMMAND}" --build "${WORK}/build" --config "${CONFIG}")
find_program(consumer consumer PATHS "${WORK}/build" "${WORK}/build/${CONFIG}"
  NO_DEFAULT_PATH REQUIRED)
run("${consumer}")
message(STATUS "${out}")
if(NOT out MATCHES "^io_sequential: 10 jobs, 0 failures, [0-9.]+ s\n$")
  message(FATAL_ERROR "the consumer measured something else")
endif()
file(REMOVE_RECURSE "${WORK}")
