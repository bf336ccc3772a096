// bench with what others offer for the same work beside its own models.
#include <algorithm>
#include <exception>
#include <iostream>
#include <vector>

#include "concurrency_models/bench/suite.h"
#include "in_child.h"
#include "peers.h"

namespace concurrency_models::bench::peers {
namespace {

std::vector<ExecutionModel> all_peers() {
  std::vector<ExecutionModel> peers;
#ifdef CONCURRENCY_MODELS_LIBCURL
  if (has_openssl()) peers.push_back(in_child(libcurl_multi()));
#endif
#ifdef CONCURRENCY_MODELS_TBB
  peers.push_back(in_child(tbb()));
#endif
#ifdef CONCURRENCY_MODELS_OPENMP
  peers.push_back(in_child(openmp()));
#endif
#ifdef CONCURRENCY_MODELS_PARALLEL_FOR_EACH
  peers.push_back(in_child(parallel_for_each()));
#endif
  // The library's own, which leaves no thread behind: here among those that run unless told
  // otherwise.
  const auto models = all_models();
  const auto std_async =
      std::find_if(models.begin(), models.end(),
                   [](const ExecutionModel& model) { return model.name == "std_async"; });
  peers.push_back(*std_async);
  peers.back().workloads = {"cpu"};
  return peers;
}

}  // namespace
}  // namespace concurrency_models::bench::peers

int main(int argc, char** argv) {
  try {
    const auto peers = concurrency_models::bench::peers::all_peers();
    return concurrency_models::bench::bench_main(argc, argv, peers);
  } catch (const std::exception& error) {
    std::cerr << "bench_peers: " << error.what() << '\n';
    return 1;
  }
}
