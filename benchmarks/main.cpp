#include "concurrency_models/bench/suite.h"

int main(int argc, char** argv) { return concurrency_models::bench::bench_main(argc, argv); }
