#include <algorithm>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "curl_fetch.h"
#include "curl_loop.h"
#include "peers.h"

namespace concurrency_models::bench::peers {
namespace {

CurlList addresses(const Workload& workload) {
  std::set<std::pair<std::string_view, std::uint16_t>> known;
  CurlList list;
  for (const Job& job : workload.jobs) {
    const Url& url = job.request->url;
    const bool is_address = url.host.find(':') != std::string::npos;  // which nobody resolves
    if (is_address || !known.emplace(url.host, url.port).second) continue;
    append(list, resolved(*job.request).c_str());
  }
  return list;
}

WorkersUsed run_by_libcurl(JobRun& jobs, unsigned /*workers*/) {
  const std::vector<Job>& all = jobs.workload().jobs;
  const CurlList known = addresses(jobs.workload());
  CurlList headers;
  append(headers, "Connection: close");  // as the client asks for
  std::vector<std::unique_ptr<CurlFetch>> fetches;
  CurlLoop loop;
  std::size_t next = 0;
  const auto begin_next = [&](CurlFetch& fetch) {
    if (next == all.size()) return;
    const std::size_t job = next++;
    jobs.start(job);
    fetch.prepare(job, *all[job].request);
    loop.begin(fetch.handle());
  };
  const std::size_t at_once = std::min(jobs.in_flight(), all.size());
  for (std::size_t i = 0; i < at_once; ++i) {
    // The addresses go to a cache that all share, when the first has taken its first step.
    curl_slist* const own_addresses = i == 0 ? known.get() : nullptr;
    fetches.push_back(std::make_unique<CurlFetch>(jobs.client(), headers.get(), own_addresses));
    begin_next(*fetches.back());
    if (i == 0) loop.take_due_steps();
  }
  loop.run([&](CURL* handle, CURLcode code) {
    CurlFetch& fetch = CurlFetch::of(handle);
    static_cast<void>(jobs.end_request(fetch.job(), fetch.result(code)));
    begin_next(fetch);
  });
  return {};
}

}  // namespace

bool has_openssl() {
  const char* const library = ::curl_version_info(CURLVERSION_NOW)->ssl_version;
  return library != nullptr && std::string_view(library).starts_with("OpenSSL/");
}

ExecutionModel libcurl_multi() {
  // Before any run, as the client's own library is ready by then.
  if (::curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    throw std::runtime_error("libcurl cannot be initialised");
  }
  return {.name = "libcurl_multi",
          .policy = WorkerPolicy::none,
          .event_loop = EventLoop::stalled,
          .default_workers = {},
          .run = run_by_libcurl,
          .shape = ModelShape::event_loops,
          .workloads = {"io"},
          .has_own_client = true};
}

}  // namespace concurrency_models::bench::peers
