# For tests of what is installed: included by scripts that CTest calls as
#   cmake -DBUILD=… -DPROJECT=… -DWORK=… -DCONFIG=… -DCOMPILER=… -DGENERATOR=… -DFLAGS=… -P script
# Leaves an installation of BUILD in ${WORK}/prefix.
foreach(name IN ITEMS BUILD PROJECT WORK CONFIG COMPILER GENERATOR)
  if("${${name}}" STREQUAL "")
    message(FATAL_ERROR "${name} is not given")
  endif()
endforeach()

# Runs a command, however it ends, and sets status, out and err.
function(attempt)
  execute_process(COMMAND ${ARGN}
    RESULT_VARIABLE status OUTPUT_VARIABLE out ERROR_VARIABLE err)
  set(status "${status}" PARENT_SCOPE)
  set(out "${out}" PARENT_SCOPE)
  set(err "${err}" PARENT_SCOPE)
  list(JOIN ARGN " " command)
  set(said "${command}\nended with ${status}:\n${out}${err}" PARENT_SCOPE)
endfunction()

# Runs a command that must end well, and sets out.
function(run)
  attempt(${ARGN})
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${said}")
  endif()
  set(out "${out}" PARENT_SCOPE)
endfunction()

# Runs a command that must fail with this status and say on standard error, whose line breaks count
# as blanks, what each of the other arguments up to COMMAND matches.
function(run_in_vain expected_status)
  cmake_parse_arguments(PARSE_ARGV 1 given "" "" "SAYS;COMMAND")
  attempt(${given_COMMAND})
  string(REGEX REPLACE "[ \n]+" " " err "${err}")
  if(NOT status EQUAL expected_status)
    message(FATAL_ERROR "${said}\nit should have ended with ${expected_status}")
  endif()
  foreach(text IN LISTS given_SAYS)
    string(FIND "${err}" "${text}" position)
    if(position EQUAL -1)
      message(FATAL_ERROR "${said}\nit does not say '${text}'")
    endif()
  endforeach()
  set(err "${err}" PARENT_SCOPE)
endfunction()

# The command that configures PROJECT into `folder` of WORK, against nothing but what is installed.
function(set_configure_command variable folder)
  set(${variable} "${CMAKE_COMMAND}" -S "${PROJECT}" -B "${WORK}/${folder}" -G "${GENERATOR}"
    "-DCMAKE_BUILD_TYPE=${CONFIG}" "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_CXX_FLAGS=${FLAGS}"
    "-DCMAKE_PREFIX_PATH=${WORK}/prefix" "-DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF" ${ARGN}
    PARENT_SCOPE)
endfunction()

# Configures, builds, and sets `variable` to the path of `program`.
function(build variable program)
  set_configure_command(configure build ${ARGN})
  run(${configure})
  run("${CMAKE_COMMAND}" --build "${WORK}/build" --config "${CONFIG}")
  find_program(${variable} ${program} PATHS "${WORK}/build" "${WORK}/build/${CONFIG}"
    NO_CACHE NO_DEFAULT_PATH REQUIRED)
  set(${variable} "${${variable}}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
file(REAL_PATH "${WORK}" WORK)  # as programs name themselves
run("${CMAKE_COMMAND}" --install "${BUILD}" --config "${CONFIG}" --prefix "${WORK}/first")
# What is installed may be moved.
file(RENAME "${WORK}/first" "${WORK}/prefix")
