#include "decoder/blank_skipping.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

namespace harpy {

BlankSkipper::BlankSkipper(const Options& options)
    : log_threshold_(options.threshold < 1.0F ? std::log(options.threshold) + options.blank_offset
                                              : std::numeric_limits<float>::infinity()) {
  if (!(options.threshold > 0.0F && options.threshold <= 1.0F)) {
    throw std::invalid_argument("BlankSkipper: expected a threshold above 0 and at most 1, got " +
                                std::to_string(options.threshold));
  }
}

const std::vector<std::int64_t>& BlankSkipper::select(ConstTensorView log_posteriors) {
  selected_.clear();
  for (std::int64_t row = 0; row < log_posteriors.rows(); ++row, ++frame_count_) {
    const bool is_blank = log_posteriors.data[row * log_posteriors.dim()] > log_threshold_;
    if (!is_blank || !in_run_) {
      selected_.push_back(row);
      searched_.push_back(static_cast<std::int32_t>(frame_count_));
    }
    in_run_ = is_blank;
  }
  return selected_;
}

void BlankSkipper::select_all(std::int64_t frame_count) {
  in_run_ = false;
  for (; frame_count > 0; --frame_count) {
    searched_.push_back(static_cast<std::int32_t>(frame_count_++));
  }
}

std::int64_t BlankSkipper::frame_of(std::int64_t searched_frame) const {
  return searched_.at(static_cast<std::size_t>(searched_frame));
}

TimedWord BlankSkipper::restore_times(TimedWord word) const {
  word.begin_frame = static_cast<std::int32_t>(frame_of(word.begin_frame));
  word.end_frame = static_cast<std::int32_t>(frame_of(word.end_frame - 1)) + 1;
  return word;
}

}  // namespace harpy
