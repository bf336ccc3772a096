#include "concurrency_models/bench/suite.h"

int main(int argc, char** argv) {
  // No origin but the one beside it, so that both can be installed and moved together.
  return concurrency_models::bench::bench_main(argc, argv, {}, {});
}
