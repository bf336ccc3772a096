// Runs the inputs of a corpus through a fuzz target without libFuzzer, so that every compiler and
// every sanitizer runs what was ever found.

#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz/fuzz_target.h"

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::cerr << "a replay takes one argument, the folder of a corpus\n";
    return 2;
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  if (files.empty()) {
    std::cerr << argv[1] << ": holds no input\n";
    return 1;
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    std::ifstream stream(file, std::ios::binary);
    const std::string input{std::istreambuf_iterator<char>(stream), {}};
    // Before it runs: the last one named is the one that ended the program.
    std::cout << file.string() << std::endl;
    concurrency_models::fuzz::try_input(input);
  }
  std::cout << files.size() << " inputs, nothing wrong\n";
  return 0;
} catch (const std::exception& error) {
  std::cerr << "replay: " << error.what() << '\n';
  return 1;
}
