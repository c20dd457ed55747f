#include "decoder/path_summary.hpp"

namespace harpy {

void PathSummary::add(std::span<const PathStep> steps, const FrameLabels& frame_labels) {
  step_count += steps.size();
  for (const PathStep& step : steps) {
    if (step.output != 0) words.push_back(step.output);
    if (frame_labels.label(step.input) == 0) continue;
    if (!first_label_frame) first_label_frame = step.frame;
    last_label_frame = step.frame;
  }
}

}  // namespace harpy
