#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "acoustic/backend/tensor.hpp"
#include "decoder/word_times.hpp"

namespace harpy {

/// Leaves out frames before the search sees them. Where a CTC network is sure of the blank in
/// several frames on end, only the first of them is searched: such frames hardly change the order
/// of the paths but cost as much as others. One of them must stay, since it may separate two equal
/// labels. Frames that are skipped still count for times. Source: Chen et al. 2016, "Phone
/// synchronous decoding with CTC lattice".
///
/// Whether a frame is skipped depends on the frames before it, not on how they are cut. Each stream
/// of the search has a skipper of its own.
class BlankSkipper {
 public:
  struct Options {
    /// A frame may be skipped if the posterior of its blank exceeds this; above 0. With 1 none is
    /// skipped. Lower values skip more frames, which is faster; near 0.9 and below words are lost.
    float threshold = 1.0F;
    /// The constant that has been added to the blank's logarithms before `select` sees them.
    float blank_offset = 0.0F;
  };
  /// Errors: std::invalid_argument for a threshold out of range.
  explicit BlankSkipper(const Options& options);

  /// Whether frames may be skipped at all, so that select must see them.
  bool skips() const { return log_threshold_ < std::numeric_limits<float>::infinity(); }

  /// The rows that are to be searched, in order. Shapes: log_posteriors [frames, labels] in host
  /// memory, the first label being the blank; natural logarithms, but for the offset.
  const std::vector<std::int64_t>& select(ConstTensorView log_posteriors);

  /// Takes `frame_count` frames of which none is skipped.
  void select_all(std::int64_t frame_count);

  /// Frames seen, skipped or not.
  std::int64_t frame_count() const { return frame_count_; }
  /// The frame, counted among all, that the search calls `searched_frame`.
  /// Errors: std::out_of_range for a frame that has not been searched.
  std::int64_t frame_of(std::int64_t searched_frame) const;
  /// Turns the times of a word from frames that were searched into frames counted among all.
  TimedWord restore_times(TimedWord word) const;

 private:
  float log_threshold_;
  bool in_run_ = false;  ///< whether the last frame seen is one of a run of blanks
  std::int64_t frame_count_ = 0;
  std::vector<std::int32_t> searched_;  ///< of each frame searched, its number among all
  std::vector<std::int64_t> selected_;
};

}  // namespace harpy
