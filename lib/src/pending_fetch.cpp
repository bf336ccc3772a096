#include "concurrency_models/pending_fetch.h"

#include "http_exchange.h"

namespace concurrency_models {

PendingFetch::PendingFetch() = default;

PendingFetch::PendingFetch(std::unique_ptr<HttpExchange> exchange, TimePoint deadline)
    : exchange_(std::move(exchange)), deadline_(deadline) {
  proceed();
}

PendingFetch::~PendingFetch() = default;
PendingFetch::PendingFetch(PendingFetch&&) noexcept = default;
PendingFetch& PendingFetch::operator=(PendingFetch&&) noexcept = default;

int PendingFetch::descriptor() const { return exchange_->transport().fd(); }

void PendingFetch::proceed() { need_ = exchange_->advance(); }

void PendingFetch::fail(boost::system::error_code error) {
  exchange_->abort(error);
  need_ = Need::nothing;
}

void PendingFetch::release_descriptor() { exchange_->transport().release(); }

bool PendingFetch::keeps_connection() const { return exchange_ && exchange_->keeps_connection(); }

void PendingFetch::return_descriptor() { exchange_->transport().take_back(); }

const FetchResult& PendingFetch::result() const {
  static const FetchResult nothing;
  return exchange_ ? exchange_->result() : nothing;
}

}  // namespace concurrency_models
