#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "acoustic/backend/tensor.hpp"
#include "decoder/word_times.hpp"

namespace harpy {

/// Blank-frame skipping, in front of the search: of a run of frames in which a CTC network is sure
/// of the blank, the first alone is searched. Such frames change hardly any path's rank but cost as
/// much as others; one of a run must stay, since it may part equal labels. Frames that are skipped
/// still count for times. Source: Chen et al. 2016, "Phone synchronous decoding with CTC lattice".
///
/// What is skipped depends on the frames before, not on how they are cut. One skipper serves one
/// stream of the search.
class BlankSkipper {
 public:
  struct Options {
    /// Posterior of the blank above which a frame may be skipped, above 0. 1 skips none; less: more
    /// are skipped, faster, and near 0.9 and below words are lost.
    float threshold = 1.0F;
    /// What has been added to the blank's logarithm.
    float blank_offset = 0.0F;
  };
  /// Errors: std::invalid_argument for a threshold out of range.
  explicit BlankSkipper(const Options& options);

  /// Whether frames may be skipped at all, so that select must see them.
  bool skips() const { return log_threshold_ < std::numeric_limits<float>::infinity(); }

  /// The rows that are to be searched, in order. Shapes: log_posteriors [frames, labels] in host
  /// memory, the first label being the blank; natural logarithms, but for the offset.
  const std::vector<std::int64_t>& select(ConstTensorView log_posteriors);

  /// So many frames, of which none is skipped.
  void select_all(std::int64_t frame_count);

  /// Frames seen, skipped or not.
  std::int64_t frame_count() const { return frame_count_; }
  /// The frame, counted among all, that the search calls `searched_frame`.
  /// Errors: std::out_of_range for a frame that has not been searched.
  std::int64_t frame_of(std::int64_t searched_frame) const;
  /// Times counted in all frames of a word's times counted in frames searched.
  TimedWord restore_times(TimedWord word) const;

 private:
  float log_threshold_;
  bool in_run_ = false;  ///< whether the last frame seen is one of a run of blanks
  std::int64_t frame_count_ = 0;
  std::vector<std::int32_t> searched_;  ///< of each frame searched, its number among all
  std::vector<std::int64_t> selected_;
};

}  // namespace harpy
