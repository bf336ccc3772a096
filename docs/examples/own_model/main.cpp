// A bench that knows one model more.
#include <concurrency_models/bench/suite.h>

#include <vector>

concurrency_models::ExecutionModel mine();  // mine.cpp

int main(int argc, char** argv) {
  const std::vector<concurrency_models::ExecutionModel> models = {mine()};
  return concurrency_models::bench::bench_main(argc, argv, models);
}
