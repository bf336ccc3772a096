# That PROGRAM (a file) is hardened, by what READELF says of it: a position-independent executable
# whose relocations are done and made read-only before it runs, and which calls fortified functions.
# WITH_SYMBOL: one of those that the code of this project, and of no library, calls in it.
function(require pattern text property)
  if(NOT text MATCHES "${pattern}")
    message(SEND_ERROR "${PROGRAM}: ${property}; the option is CONCURRENCY_MODELS_HARDENING")
  endif()
endfunction()

function(read_elf result)
  execute_process(COMMAND "${READELF}" --wide ${ARGN} "${PROGRAM}"
    OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

read_elf(header --file-header)
require("Type: +DYN" "${header}" "is no position-independent executable")
read_elf(segments --program-headers)
require("GNU_RELRO" "${segments}" "leaves its relocations writable")
require("GNU_STACK[^\n]* RW " "${segments}" "has a stack that can be executed")
read_elf(dynamic --dynamic)
require("Flags:[^\n]* PIE" "${dynamic}" "is no position-independent executable but a library")
require("BIND_NOW|Flags:[^\n]* NOW" "${dynamic}" "binds functions later than at its start")
read_elf(symbols --dyn-syms)
require("UND ${WITH_SYMBOL}@" "${symbols}" "does not call the fortified ${WITH_SYMBOL}")
require("UND __stack_chk_fail@" "${symbols}" "has no protected stack")
