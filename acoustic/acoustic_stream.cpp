#include "acoustic/acoustic_stream.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace harpy {
namespace {

/// Feature frames of a block.
std::int64_t block_input_frames(const Network& network, std::int64_t block_frames) {
  constexpr std::int64_t kMaxBlockFrames = 1 << 16;
  if (block_frames < 1 || block_frames > kMaxBlockFrames) {
    throw std::invalid_argument("acoustic stream: expected blocks of 1 to " +
                                std::to_string(kMaxBlockFrames) + " frames, got " +
                                std::to_string(block_frames));
  }
  return block_frames * network.subsampling();
}

}  // namespace

AcousticGrid::AcousticGrid(std::shared_ptr<const AcousticModel> model,
                           const AcousticStreamOptions& options)
    : model_(std::move(model)),
      head_(model_->head_index(options.head)),
      input_frames_(block_input_frames(model_->network(), options.block_frames)),
      layout_(model_->network().stream_layout(head_, input_frames_)) {
  if (!options.repeats_edges) return;
  const FrameContext context = model_->network().context();
  const std::int64_t step = model_->network().subsampling();
  frames_before_ = (context.left + step - 1) / step * step;
  frames_behind_ = context.right;
}

std::int64_t AcousticGrid::output_frames_before() const {
  return frames_before_ / model_->network().subsampling();
}

std::int64_t AcousticGrid::block_count(std::int64_t feature_frames) const {
  if (feature_frames == 0) return 0;
  const std::int64_t frames =
      output_frames_before() + model_->network().output_frames(feature_frames) + delay();
  return (frames + output_frames() - 1) / output_frames();
}

AcousticStream::AcousticStream(std::shared_ptr<const AcousticGrid> grid, Backend& backend)
    : grid_(std::move(grid)), state_(backend.empty({grid_->state_size()})) {}

void AcousticStream::require_open(const char* call) const {
  if (finished_) {
    throw std::logic_error("acoustic stream: " + std::string(call) + " after finish");
  }
}

void AcousticStream::accept(std::span<const float> features) {
  accept_frames(count_frames(features));
  give(features);
}

std::int64_t AcousticStream::count_frames(std::span<const float> features) const {
  const std::int64_t dim = grid_->model()->feature_dim();
  if (std::ssize(features) % dim != 0) {
    throw std::invalid_argument("acoustic stream: expected frames of " + std::to_string(dim) +
                                " values, got " + std::to_string(features.size()) + " values");
  }
  return std::ssize(features) / dim;
}

void AcousticStream::give(std::span<const float> features) {
  const std::int64_t dim = grid_->model()->feature_dim();
  const std::int64_t count = count_frames(features);
  if (given_frames_ + count > feature_frames_) {
    throw std::invalid_argument("acoustic stream: expected at most " +
                                std::to_string(feature_frames_ - given_frames_) + " frames, got " +
                                std::to_string(count));
  }
  if (count == 0) return;
  if (given_frames_ == 0) {
    for (std::int64_t i = 0; i < grid_->frames_before(); ++i) {
      append(features.first(static_cast<std::size_t>(dim)));
    }
  }
  if (grid_->frames_behind() > 0) {
    const auto last = features.last(static_cast<std::size_t>(dim));
    last_frame_.assign(last.begin(), last.end());
  }
  append(features);
  given_frames_ += count;
  end_edge();
}

void AcousticStream::end_edge() {
  if (!finished_ || given_frames_ == 0 || given_frames_ < feature_frames_) return;
  for (std::int64_t i = 0; i < grid_->frames_behind(); ++i) append(last_frame_);
}

void AcousticStream::append(std::span<const float> features) {
  if (pending_begin_ > 0 && pending_.size() + features.size() > pending_.capacity()) {
    pending_.erase(pending_.begin(),
                   pending_.begin() + static_cast<std::ptrdiff_t>(pending_begin_));
    pending_begin_ = 0;
  }
  pending_.insert(pending_.end(), features.begin(), features.end());
}

void AcousticStream::accept_frames(std::int64_t frame_count) {
  require_open("accept");
  feature_frames_ += frame_count;
}

std::int64_t AcousticStream::frames_wanted() const {
  const std::int64_t end = (blocks_taken_ + 1) * grid_->input_frames() - grid_->frames_before();
  // The frames before a stream's own are copies of its first one.
  return std::max<std::int64_t>(
      0, std::min(feature_frames_, std::max<std::int64_t>(end, 1)) - given_frames_);
}

void AcousticStream::finish() {
  require_open("finish");
  finished_ = true;
  end_edge();
}

std::int64_t AcousticStream::blocks_ready() const {
  if (finished_) return grid_->block_count(feature_frames_) - blocks_taken_;
  if (feature_frames_ == 0) return 0;
  return (grid_->frames_before() + feature_frames_) / grid_->input_frames() - blocks_taken_;
}

std::int64_t AcousticStream::output_end() const {
  return output_begin() + grid_->model()->network().output_frames(feature_frames_);
}

void AcousticStream::take_features(std::span<float> features) {
  const std::size_t count = std::min(features.size(), pending_.size() - pending_begin_);
  const auto begin = pending_.begin() + static_cast<std::ptrdiff_t>(pending_begin_);
  std::copy_n(begin, count, features.begin());
  std::fill(features.begin() + static_cast<std::ptrdiff_t>(count), features.end(), 0.0F);
  pending_begin_ += count;
  if (pending_begin_ == pending_.size()) {
    pending_.clear();
    pending_begin_ = 0;
  }
}

StreamSlot AcousticStream::next_slot() {
  return {.state = state_.data(),
          .block = blocks_taken_++,
          .frame_count = finished_
                             ? grid_->frames_before() + feature_frames_ + grid_->frames_behind()
                             : StreamSlot::kEndless};
}

}  // namespace harpy
