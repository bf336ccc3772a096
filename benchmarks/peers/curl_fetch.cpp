#include "curl_fetch.h"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <new>
#include <stdexcept>
#include <string>

#include "concurrency_models/origin_protocol.h"

namespace concurrency_models::bench::peers {
namespace {

struct CurlCategory final : boost::system::error_category {
  [[nodiscard]] const char* name() const noexcept override { return "libcurl"; }
  [[nodiscard]] std::string message(int value) const override {
    return std::string("libcurl: ") + ::curl_easy_strerror(static_cast<CURLcode>(value));
  }
};
// At namespace scope, so that it exists before any fork: records carry its address.
const CurlCategory curl_category;

long to_milliseconds(std::chrono::nanoseconds time) {
  const auto rounded_up = std::chrono::ceil<std::chrono::milliseconds>(time).count();
  return static_cast<long>(
      std::clamp<std::int64_t>(rounded_up, 1, std::numeric_limits<int>::max()));
}

}  // namespace

void append(CurlList& list, const char* entry) {
  curl_slist* const longer = ::curl_slist_append(list.get(), entry);
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(list.release());
  list.reset(longer);
}

std::string resolved(const Fetch& fetch) {
  std::string address = fetch.endpoint.text();
  address.resize(address.rfind(':'));
  return fetch.url.host + ':' + std::to_string(fetch.url.port) + ':' + address;
}

template <class Value>
void CurlFetch::set(CURLoption option, Value value) {
  const CURLcode code = ::curl_easy_setopt(handle_.get(), option, value);
  if (code == CURLE_OK) return;
  throw std::runtime_error(std::string("libcurl refuses an option: ") + ::curl_easy_strerror(code));
}

template <class Value>
Value CurlFetch::get(CURLINFO info) const {
  Value value{};
  ::curl_easy_getinfo(handle_.get(), info, &value);
  return value;
}

CurlFetch::CurlFetch(const HttpClient& client, curl_slist* headers, curl_slist* addresses)
    : handle_(::curl_easy_init()), authorities_(client.authorities()) {
  if (!handle_) throw std::bad_alloc();
  set(CURLOPT_PRIVATE, this);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROXY, "");  // whatever the environment says
  set(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_USERAGENT, "concurrency_models");
  set(CURLOPT_HTTPHEADER, headers);
  set(CURLOPT_RESOLVE, addresses);
  set(CURLOPT_DNS_CACHE_TIMEOUT, -1L);
  const long deadline = to_milliseconds(client.deadline());
  set(CURLOPT_TIMEOUT_MS, deadline);
  set(CURLOPT_CONNECTTIMEOUT_MS, deadline);  // its default may be the shorter one
  set(CURLOPT_WRITEFUNCTION, on_body);
  set(CURLOPT_WRITEDATA, this);
  // Each fetch by itself.
  set(CURLOPT_FRESH_CONNECT, 1L);
  set(CURLOPT_FORBID_REUSE, 1L);
  set(CURLOPT_SSL_SESSIONID_CACHE, 0L);
  // TLS as the client has it. The authorities were read long ago: libcurl is to read no others.
  set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  set(CURLOPT_SSL_ENABLE_ALPN, 0L);
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_CAINFO, static_cast<const char*>(nullptr));
  set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  set(CURLOPT_SSL_CTX_FUNCTION, on_tls_context);
  set(CURLOPT_SSL_CTX_DATA, this);
}

CurlFetch& CurlFetch::of(CURL* handle) {
  CurlFetch* self = nullptr;
  ::curl_easy_getinfo(handle, CURLINFO_PRIVATE, &self);
  return *self;
}

void CurlFetch::prepare(std::size_t job, const Fetch& fetch) {
  job_ = job;
  fetch_ = &fetch;
  handshaking_ = false;
  received_ = 0;
  refused_ = {};
  set(CURLOPT_URL, fetch.url.text().c_str());
}

CURLcode CurlFetch::on_tls_context(CURL* /*handle*/, void* context, void* self) {
  auto& fetch = *static_cast<CurlFetch*>(self);
  fetch.handshaking_ = true;
  ::SSL_CTX_set1_cert_store(static_cast<SSL_CTX*>(context), fetch.authorities_);
  return CURLE_OK;
}

std::size_t CurlFetch::on_body(char* data, std::size_t /*one*/, std::size_t size, void* self) {
  auto& fetch = *static_cast<CurlFetch*>(self);
  if (fetch.received_ == 0) fetch.refused_ = fetch.check_status();
  if (!fetch.refused_) fetch.refused_ = fetch.check_body({data, size});
  if (fetch.refused_) return 0;  // which ends the transfer
  fetch.received_ += size;
  return size;
}

JobError CurlFetch::check_status() const {
  const long status = get<long>(CURLINFO_RESPONSE_CODE);
  const bool wanted = fetch_->expected_bytes ? status == 200 : status >= 200 && status < 400;
  if (wanted) return {};
  return {.stage = Stage::header, .code = {static_cast<int>(status), http_status_category()}};
}

JobError CurlFetch::check_body(std::string_view part) const {
  const std::uint64_t limit = fetch_->expected_bytes.value_or(HttpClient::body_limit);
  if (part.size() > limit - received_) return {.stage = Stage::body, .code = Error::wrong_length};
  if (fetch_->expected_bytes && !matches_origin_pattern(received_, part)) {
    return {.stage = Stage::body, .code = Error::wrong_content};
  }
  return {};
}

FetchResult CurlFetch::result(CURLcode code) const {
  FetchResult result{.bytes = received_, .error = refused_};
  if (!result.error && code != CURLE_OK) result.error = error(code);
  if (!result.error) result.error = check_status();
  if (!result.error && fetch_->expected_bytes && received_ != *fetch_->expected_bytes) {
    result.error = {.stage = Stage::body, .code = Error::wrong_length};
  }
  if (result.error) result.bytes = 0;
  return result;
}

/// As the client would have reported it, so far as libcurl tells; otherwise in libcurl's words.
JobError CurlFetch::error(CURLcode code) const {
  const Stage stage = this->stage();
  if (code == CURLE_OPERATION_TIMEDOUT) return {.stage = stage, .code = Error::deadline_exceeded};
  if (code == CURLE_PARTIAL_FILE || code == CURLE_GOT_NOTHING) {
    return {.stage = stage, .code = Error::truncated};
  }
  const long verified = get<long>(CURLINFO_SSL_VERIFYRESULT);
  if (code == CURLE_PEER_FAILED_VERIFICATION && verified != X509_V_OK) {
    return {.stage = stage, .code = {static_cast<int>(verified), certificate_category()}};
  }
  const long system = get<long>(CURLINFO_OS_ERRNO);
  const bool is_of_socket =
      code == CURLE_COULDNT_CONNECT || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR;
  if (is_of_socket && system != 0) {
    return {.stage = stage, .code = {static_cast<int>(system), boost::system::system_category()}};
  }
  return {.stage = stage, .code = {static_cast<int>(code), curl_category}};
}

Stage CurlFetch::stage() const {
  if (fetch_->url.secure && !handshaking_) return Stage::connect;
  if (fetch_->url.secure && get<curl_off_t>(CURLINFO_APPCONNECT_TIME_T) == 0) {
    return Stage::handshake;
  }
  if (get<curl_off_t>(CURLINFO_CONNECT_TIME_T) == 0) return Stage::connect;
  if (get<curl_off_t>(CURLINFO_PRETRANSFER_TIME_T) == 0) return Stage::send;
  return received_ == 0 ? Stage::header : Stage::body;
}

}  // namespace concurrency_models::bench::peers
