#include "frontend/fft.hpp"

#include <kiss_fftr.h>

#include <new>
#include <stdexcept>
#include <string>

namespace harpy {

static_assert(sizeof(kiss_fft_cpx) == sizeof(std::complex<float>));

RealFft::RealFft(int size) : size_(size) {
  if (size < 2 || size % 2 != 0) {
    throw std::invalid_argument("RealFft: expected an even size of at least 2, got " +
                                std::to_string(size));
  }
  plan_.reset(kiss_fftr_alloc(size, 0, nullptr, nullptr));
  if (!plan_) throw std::bad_alloc();
  output_.resize(static_cast<std::size_t>(bin_count()));
}

void RealFft::PlanDeleter::operator()(void* plan) const { kiss_fftr_free(plan); }

std::span<const std::complex<float>> RealFft::transform(std::span<const float> input) {
  if (input.size() != static_cast<std::size_t>(size_)) {
    throw std::invalid_argument("RealFft: expected " + std::to_string(size_) + " samples, got " +
                                std::to_string(input.size()));
  }
  kiss_fftr(static_cast<kiss_fftr_cfg>(plan_.get()), input.data(),
            reinterpret_cast<kiss_fft_cpx*>(output_.data()));
  return output_;
}

}  // namespace harpy
