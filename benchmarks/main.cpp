#include "concurrency_models/execution_model.h"
#include "suite.h"

int main(int argc, char** argv) {
  return concurrency_models::bench::bench_main(argc, argv, concurrency_models::standard_models());
}
