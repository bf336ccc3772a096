#pragma once

#include <string_view>

namespace concurrency_models::fuzz {

/// What each fuzz target defines: handles one input of any kind and ends the program, by require()
/// or as a sanitizer does, if something is wrong. Called again and again by one thread, it keeps
/// nothing of an input that would change what becomes of the next.
///
/// Its caller is libFuzzer, which makes up inputs, or replay.cpp, which runs through a corpus.
void try_input(std::string_view input);

}  // namespace concurrency_models::fuzz
