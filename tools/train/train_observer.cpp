#include "tools/train/train_observer.hpp"

#include <cstdio>
#include <utility>

#include "tools/terminal/stop_signal.hpp"
#include "tools/train/trained_package.hpp"

namespace harpy::tools {

TrainObserver::TrainObserver(TrainObserverOptions options, Backend& backend, Network& network)
    : options_(std::move(options)),
      backend_(backend),
      network_(network),
      log_(options_.folder / "log.tsv", options_.done_epochs),
      display_(stderr, options_.frame_shift_s) {}

double TrainObserver::elapsed_s() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

bool TrainObserver::step_done(const StepReport& report) {
  display_.show_step(report, elapsed_s());
  return !is_stop_requested();
}

void TrainObserver::epoch_done(const EpochReport& report) {
  if (report.is_best || !has_trained_package(options_.folder, options_.model)) {
    write_trained_package(options_.folder, options_.model, backend_, network_);
  }
  TrainingLogRow row = make_log_row(report, elapsed_s());
  row.dev_word_error_rate = word_error_rate(report.epoch);
  log_.append(row);
  write_training_report(options_.folder / "report.html", options_.report, log_.rows());
  display_.print_epoch(row, report.is_best);
}

std::optional<double> TrainObserver::word_error_rate(std::int64_t epoch) {
  const WordErrorValidation& words = options_.word_errors;
  if (words.meter == nullptr || !words.is_due(epoch)) return {};
  return 0.01 * words.meter->evaluate(backend_, network_, *words.dev_set).error_rate_percent();
}

}  // namespace harpy::tools
