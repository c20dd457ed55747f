#include "tools/train/train_observer.hpp"

#include <csignal>
#include <cstdio>

#include "acoustic/network_file.hpp"
#include "models/files/checksum.hpp"

namespace harpy::tools {
namespace {

volatile std::sig_atomic_t stop_requested = 0;

void request_stop(int signal_number) {
  stop_requested = 1;
  std::signal(signal_number, SIG_DFL);  // a second one ends the program at once
}

template <typename... Values>
std::string formatted(const char* format, Values... values) {
  char text[256];
  std::snprintf(text, sizeof(text), format, values...);
  return text;
}

}  // namespace

void stop_training_on_signals() {
  std::signal(SIGINT, request_stop);
  std::signal(SIGTERM, request_stop);
}

TrainObserver::TrainObserver(const Options& options, Backend& backend, Network& network)
    : options_(options),
      backend_(backend),
      network_(network),
      log_(options.folder / "log.tsv", options.done_epochs) {}

double TrainObserver::elapsed_s() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

void TrainObserver::describe(const Trainer& trainer) {
  const double frame_ms = 1000.0 * options_.frame_shift_s;
  const FrameContext context = network_.context();
  progress_.print(formatted(
      "network: %.2f million parameters, context %.0f ms back and %.0f ms ahead, an output every "
      "%.0f ms",
      1e-6 * static_cast<double>(network_.parameter_count()),
      frame_ms * static_cast<double>(context.left), frame_ms * static_cast<double>(context.right),
      frame_ms * static_cast<double>(network_.subsampling())));
  progress_.print(formatted("training: %lld steps, %lld epochs done",
                            static_cast<long long>(trainer.total_steps()),
                            static_cast<long long>(trainer.epoch())));
}

bool TrainObserver::step_done(const StepReport& report) {
  ++steps_;
  audio_s_ += static_cast<double>(report.source_frames) * options_.frame_shift_s;
  const double left_s = elapsed_s() / static_cast<double>(steps_) *
                        static_cast<double>(report.total_steps - report.step);
  progress_.show(
      static_cast<double>(report.step) / static_cast<double>(report.total_steps),
      formatted("epoch %lld/%lld  loss %.4f  rate %.2g  norm %.2f  %.0f hours an hour  "
                "%s left",
                static_cast<long long>(report.epoch), static_cast<long long>(report.epochs),
                report.loss_per_frame, report.learning_rate, report.gradient_norm,
                audio_s_ / elapsed_s(), format_duration(left_s).c_str()));
  return stop_requested == 0;
}

void TrainObserver::epoch_done(const EpochReport& report) {
  const std::filesystem::path weights = options_.folder / options_.model.acoustic_file;
  if (report.is_best || !std::filesystem::exists(weights)) write_package();
  TrainingLogRow row = make_log_row(report, elapsed_s());
  row.dev_word_error_rate = word_error_rate(report.epoch);
  log_.append(row);
  write_training_report(options_.folder / "report.html", options_.report, log_.rows());
  print_epoch(row, report.is_best);
}

std::optional<double> TrainObserver::word_error_rate(std::int64_t epoch) {
  if (options_.graph_validation == nullptr) return {};
  if (epoch % options_.graph_interval_epochs != 0 && epoch != options_.epochs) return {};
  return 0.01 * options_.graph_validation->evaluate(backend_, network_, *options_.dev_set)
                    .error_rate_percent();
}

void TrainObserver::write_package() {
  const std::filesystem::path weights = options_.folder / options_.model.acoustic_file;
  write_network_file(weights, backend_, network_.tensors());
  options_.model.acoustic_checksum = file_checksum(weights);
  write_model_description(options_.folder / "model.json", options_.model);
}

void TrainObserver::print_epoch(const TrainingLogRow& row, bool is_best) {
  const std::string words = row.dev_word_error_rate ? formatted(", dev word errors %.2f %%",
                                                                100.0 * *row.dev_word_error_rate)
                                                    : "";
  progress_.print(formatted(
      "epoch %lld: loss %.4f, dev loss %.4f, dev label errors %.2f %%%s%s, %s",
      static_cast<long long>(row.epoch), row.train_loss, row.dev_loss, 100.0 * row.dev_error_rate,
      is_best ? " (best)" : "", words.c_str(), format_duration(row.elapsed_s).c_str()));
}

}  // namespace harpy::tools
