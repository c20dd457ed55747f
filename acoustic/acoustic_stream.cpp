#include "acoustic/acoustic_stream.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace harpy {

AcousticStream::AcousticStream(std::shared_ptr<const AcousticModel> model, Backend& backend,
                               const AcousticStreamOptions& options)
    : model_(std::move(model)),
      state_(model_->network().open_stream(backend, model_->head_index(options.head))),
      output_(model_->network().head_dim(state_.head)) {
  constexpr std::int64_t kMaxBlockFrames = 1 << 16;
  if (options.block_frames < 1 || options.block_frames > kMaxBlockFrames) {
    throw std::invalid_argument("acoustic stream: expected blocks of 1 to " +
                                std::to_string(kMaxBlockFrames) + " frames, got " +
                                std::to_string(options.block_frames));
  }
  block_values_ = static_cast<std::size_t>(options.block_frames * model_->network().subsampling() *
                                           model_->feature_dim());
  pending_.reserve(block_values_);
}

void AcousticStream::require_open(const char* call) const {
  if (finished_) {
    throw std::logic_error("acoustic stream: " + std::string(call) + " after finish");
  }
}

void AcousticStream::accept(Backend& backend, std::span<const float> features) {
  require_open("accept");
  if (features.size() % static_cast<std::size_t>(model_->feature_dim()) != 0) {
    throw std::invalid_argument("acoustic stream: expected frames of " +
                                std::to_string(model_->feature_dim()) + " values, got " +
                                std::to_string(features.size()) + " values");
  }
  while (!features.empty()) {
    const std::size_t count = std::min(features.size(), block_values_ - pending_.size());
    pending_.insert(pending_.end(), features.begin(),
                    features.begin() + static_cast<std::ptrdiff_t>(count));
    features = features.subspan(count);
    if (pending_.size() == block_values_) advance(backend, false);
  }
}

void AcousticStream::finish(Backend& backend) {
  require_open("finish");
  advance(backend, true);
  finished_ = true;
}

Tensor AcousticStream::take(Backend& backend, std::int64_t max_frames) {
  const std::int64_t frames = std::clamp<std::int64_t>(max_frames, 0, frames_ready());
  Tensor taken = backend.empty({frames, output_dim()});
  backend.copy(slice_rows(output_.view(), 0, frames), taken);
  output_.drop(backend, frames);
  return taken;
}

void AcousticStream::advance(Backend& backend, bool last) {
  const std::int64_t dim = model_->feature_dim();
  const auto frames = static_cast<std::int64_t>(pending_.size()) / dim;
  const Tensor x = backend.from_host({1, frames, dim}, pending_);
  pending_.clear();
  output_.append(backend, model_->network().forward_stream(backend, x, state_, last));
}

}  // namespace harpy
