#include "tools/train/training_display.hpp"

#include "models/files/printed.hpp"
#include "tools/terminal/duration.hpp"

namespace harpy::tools {

std::string step_text(const StepReport& report, double hours_an_hour, double left_s) {
  return printed("epoch %lld/%lld  loss %.4f  rate %.2g  norm %.2f  %.0f hours an hour  %s left",
                 static_cast<long long>(report.epoch), static_cast<long long>(report.epochs),
                 report.loss_per_frame, report.learning_rate, report.gradient_norm, hours_an_hour,
                 format_duration(left_s).c_str());
}

std::string epoch_text(const TrainingLogRow& row, bool is_best) {
  const std::string words = row.dev_word_error_rate ? printed(", dev word errors %.2f %%",
                                                              100.0 * *row.dev_word_error_rate)
                                                    : "";
  return printed("epoch %lld: loss %.4f, dev loss %.4f, dev label errors %.2f %%%s%s, %s",
                 static_cast<long long>(row.epoch), row.train_loss, row.dev_loss,
                 100.0 * row.dev_error_rate, is_best ? " (best)" : "", words.c_str(),
                 format_duration(row.elapsed_s).c_str());
}

TrainingDisplay::TrainingDisplay(std::FILE* stream, double frame_shift_s)
    : frame_shift_s_(frame_shift_s), bar_(stream, {.longest_bar = 24, .lines_elsewhere = true}) {}

void TrainingDisplay::describe(Network& network, const Trainer& trainer) {
  const double frame_ms = 1000.0 * frame_shift_s_;
  const FrameContext context = network.context();
  bar_.print(printed(
      "network: %.2f million parameters, context %.0f ms back and %.0f ms ahead, an output every "
      "%.0f ms",
      1e-6 * static_cast<double>(network.parameter_count()),
      frame_ms * static_cast<double>(context.left), frame_ms * static_cast<double>(context.right),
      frame_ms * static_cast<double>(network.subsampling())));
  bar_.print(printed("training: %lld steps, %lld epochs done",
                     static_cast<long long>(trainer.total_steps()),
                     static_cast<long long>(trainer.epoch())));
}

void TrainingDisplay::show_step(const StepReport& report, double elapsed_s) {
  ++steps_;
  audio_s_ += static_cast<double>(report.source_frames) * frame_shift_s_;
  const double left_s = elapsed_s / static_cast<double>(steps_) *
                        static_cast<double>(report.total_steps - report.step);
  bar_.show(static_cast<double>(report.step) / static_cast<double>(report.total_steps),
            step_text(report, audio_s_ / elapsed_s, left_s));
}

void TrainingDisplay::print_epoch(const TrainingLogRow& row, bool is_best) {
  bar_.print(epoch_text(row, is_best));
}

}  // namespace harpy::tools
