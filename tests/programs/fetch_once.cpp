// Fetches one URL, which names its host by address, in a process of its own: for tests that trace
// the client, or give it another environment.
//   fetch_once get|async_get URL [CA_FILE]
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string_view>

#include "concurrency_models/http_client.h"
#include "support/ways_to_fetch.h"

int main(int argc, char** argv) {
  using namespace concurrency_models;
  if (argc < 3) return 2;
  try {
    ClientOptions options;
    if (argc > 3) {
      std::ifstream ca(argv[3]);
      options.ca_pem.assign(std::istreambuf_iterator<char>(ca), {});
    }
    const HttpClient client(options);
    Fetch fetch;
    fetch.url = parse_url(argv[2]);
    fetch.endpoint = resolve(fetch.url);

    const bool blocking = std::string_view(argv[1]) == "get";
    const FetchResult result = blocking ? client.get(fetch) : await_get(client, fetch);
    if (result.error) {
      std::cout << result.error.text() << '\n';
      return 1;
    }
    std::cout << result.bytes << " bytes\n";
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
