#include "acoustic/training/microbatch_sum.hpp"

#include <algorithm>
#include <bit>

namespace harpy {

MicrobatchSum::MicrobatchSum(Backend& backend, Network& network, Ranks& ranks, std::int64_t count)
    : backend_(backend), network_(network), ranks_(ranks), count_(count) {
  if (is_whole()) return;
  for (Parameter* parameter : network.learning_parameters()) {
    parts_.push_back(&parameter->gradient);
  }
  for (Statistic* statistic : network.learning_statistics()) {
    statistics_.push_back(&statistic->value);
    statistics_before_.push_back(backend.zeros(statistic->value.shape()));
    parts_.push_back(&statistic->value);
  }
  std::int64_t value_count = 0;
  for (const Tensor* part : parts_) value_count += part->size();
  row_values_ = (value_count + ranks.count() - 1) / ranks.count();
  // So many wait at once; the exchange among ranks takes two.
  const std::size_t sum_count =
      std::max<std::size_t>(2, std::bit_width(static_cast<std::uint64_t>(count)));
  for (std::size_t i = 0; i < sum_count; ++i) {
    sums_.push_back(backend.zeros({ranks.count(), row_values_}));
  }
}

TensorView MicrobatchSum::place(Tensor& sum, std::int64_t offset, const Tensor& part) const {
  return {sum.data() + offset, part.shape()};
}

void MicrobatchSum::begin() {
  done_ = 0;
  waiting_ = 0;
  for (std::size_t i = 0; i < statistics_.size(); ++i) {
    backend_.copy(*statistics_[i], statistics_before_[i]);
  }
}

void MicrobatchSum::begin_microbatch() {
  network_.zero_gradients(backend_);
  if (done_ == 0) return;
  for (std::size_t i = 0; i < statistics_.size(); ++i) {
    backend_.copy(statistics_before_[i], *statistics_[i]);
  }
}

void MicrobatchSum::end_microbatch(double share) {
  ++done_;
  if (is_whole()) return;
  for (std::size_t i = 0; i < statistics_.size();
       ++i) {  // what it has changed, which may be nothing
    backend_.add_scaled(-1.0F, statistics_before_[i], *statistics_[i]);
    backend_.scale(static_cast<float>(share), *statistics_[i]);
  }
  Tensor& newest = sums_[waiting_++];
  std::int64_t offset = 0;
  for (const Tensor* part : parts_) {
    backend_.copy(*part, place(newest, offset, *part));
    offset += part->size();
  }
  for (std::int64_t n = done_; n % 2 == 0; n /= 2) {
    --waiting_;
    backend_.add_scaled(1.0F, sums_[waiting_], sums_[waiting_ - 1]);
  }
}

void MicrobatchSum::finish() {
  if (is_whole()) return;
  for (; waiting_ > 1; --waiting_) {
    backend_.add_scaled(1.0F, sums_[waiting_ - 1], sums_[waiting_ - 2]);
  }
  sum_over_ranks(backend_, ranks_, sums_[0], sums_[1]);
  std::int64_t offset = 0;
  for (Tensor* part : parts_) {
    backend_.copy(place(sums_[0], offset, *part), *part);
    offset += part->size();
  }
  for (std::size_t i = 0; i < statistics_.size(); ++i) {
    backend_.add_scaled(1.0F, statistics_before_[i], *statistics_[i]);
  }
}

}  // namespace harpy
