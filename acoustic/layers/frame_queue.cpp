#include "acoustic/layers/frame_queue.hpp"

#include <utility>

namespace harpy {

void FrameQueue::append(Backend& backend, ConstTensorView x) {
  const std::int64_t kept = size();
  const std::int64_t added = x.rows();
  Tensor joined = backend.empty({1, kept + added, dim_});
  backend.copy(view(), slice_rows(joined.view(), 0, kept));
  backend.copy(x, slice_rows(joined.view(), kept, added));
  frames_ = std::move(joined);
}

void FrameQueue::drop(Backend& backend, std::int64_t count) {
  if (count == 0) return;
  const std::int64_t kept = size() - count;
  Tensor rest = backend.empty({1, kept, dim_});
  backend.copy(slice_rows(view(), count, kept), rest);
  frames_ = std::move(rest);
}

}  // namespace harpy
