#include "acoustic/losses/cross_entropy.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace harpy {
namespace {

[[noreturn]] void refuse(const std::string& expected, const std::string& got) {
  throw std::invalid_argument("cross-entropy: expected " + expected + ", got " + got);
}

}  // namespace

LossValue CrossEntropy::evaluate(Backend& backend, std::span<const ConstTensorView> heads,
                                 std::span<const LossTarget> targets,
                                 std::span<const TensorView> gradients) {
  if (head_ >= heads.size() || gradients.size() != heads.size()) {
    refuse("more than " + std::to_string(head_) + " heads, a gradient for each",
           std::to_string(heads.size()) + " heads, " + std::to_string(gradients.size()) +
               " gradients");
  }
  const ConstTensorView head = heads[head_];
  if (head.shape.rank() != 3 || head.shape[0] != static_cast<std::int64_t>(targets.size())) {
    refuse("a head [" + std::to_string(targets.size()) + " targets, frames, classes]",
           to_string(head.shape));
  }
  classes_.clear();
  for (const LossTarget& target : targets) {
    if (static_cast<std::int64_t>(target.labels.size()) != head.shape[1]) {
      refuse(std::to_string(head.shape[1]) + " labels a sequence",
             std::to_string(target.labels.size()));
    }
    classes_.insert(classes_.end(), target.labels.begin(), target.labels.end());
  }
  for (std::size_t i = 0; i < heads.size(); ++i) {
    if (i != head_) backend.fill(0.0F, gradients[i]);
  }
  LossValue value;
  value.total = backend.negative_log_likelihood(head, classes_, gradients[head_]);
  value.frames = head.rows() - std::count(classes_.begin(), classes_.end(), -1);
  return value;
}

}  // namespace harpy
