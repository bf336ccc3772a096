#pragma once

#include <curl/curl.h>
#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "concurrency_models/fetch.h"
#include "concurrency_models/http_client.h"

namespace concurrency_models::bench::peers {

struct FreeList {
  void operator()(curl_slist* list) const { ::curl_slist_free_all(list); }
};
using CurlList = std::unique_ptr<curl_slist, FreeList>;
/// Adds an entry. Throws std::bad_alloc.
void append(CurlList& list, const char* entry);

/// "host:port:address", as libcurl wants to be told what is known already, instead of asking for
/// it.
[[nodiscard]] std::string resolved(const Fetch& fetch);

/// One fetch after another by libcurl, each over a fresh connection, trusted, checked and ended by
/// the same rules as a client's. For CurlLoop.
class CurlFetch {
 public:
  /// All must outlive it. `headers` are what is sent besides what libcurl sends by itself;
  /// `addresses` the names that are resolved already. Throws if libcurl refuses an option.
  CurlFetch(const HttpClient& client, curl_slist* headers, curl_slist* addresses);
  CurlFetch(const CurlFetch&) = delete;
  CurlFetch& operator=(const CurlFetch&) = delete;
  CurlFetch(CurlFetch&&) = delete;
  CurlFetch& operator=(CurlFetch&&) = delete;
  ~CurlFetch() = default;

  /// Whose handle that is.
  [[nodiscard]] static CurlFetch& of(CURL* handle);
  [[nodiscard]] CURL* handle() const { return handle_.get(); }
  [[nodiscard]] std::size_t job() const { return job_; }

  /// What is to be fetched next; `fetch` must outlive that.
  void prepare(std::size_t job, const Fetch& fetch);
  /// What came of it, once its transfer has ended so.
  [[nodiscard]] FetchResult result(CURLcode code) const;

 private:
  struct FreeHandle {
    void operator()(CURL* handle) const { ::curl_easy_cleanup(handle); }
  };

  template <class Value>
  void set(CURLoption option, Value value);
  template <class Value>
  [[nodiscard]] Value get(CURLINFO info) const;
  static std::size_t on_body(char* data, std::size_t one, std::size_t size, void* self);
  static CURLcode on_tls_context(CURL* handle, void* context, void* self);
  [[nodiscard]] JobError check_status() const;
  [[nodiscard]] JobError check_body(std::string_view part) const;
  [[nodiscard]] JobError error(CURLcode code) const;
  [[nodiscard]] Stage stage() const;

  std::unique_ptr<CURL, FreeHandle> handle_;
  X509_STORE* authorities_;
  const Fetch* fetch_ = nullptr;
  std::size_t job_ = 0;
  bool handshaking_ = false;  ///< or past that
  std::uint64_t received_ = 0;
  JobError refused_;  ///< by this end
};

}  // namespace concurrency_models::bench::peers
