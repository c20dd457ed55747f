#include "acoustic/training/training_log.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

namespace harpy {
namespace {

constexpr const char* kHeading =
    "epoch\tstep\tlearning_rate\tgradient_norm\ttrain_loss\tskipped\tdev_loss\tdev_error_rate\t"
    "elapsed_s\n";

/// The rows of the first epochs; none if there is no such log.
std::string first_rows(const std::filesystem::path& path, std::int64_t epochs) {
  std::ifstream stream(path);
  std::string rows;
  std::string line;
  std::getline(stream, line);
  while (std::getline(stream, line)) {
    std::int64_t epoch = 0;
    if (std::istringstream(line) >> epoch && epoch <= epochs) rows += line + "\n";
  }
  return rows;
}

}  // namespace

TrainingLog::TrainingLog(std::filesystem::path path, std::int64_t epochs) : path_(std::move(path)) {
  const std::string rows = epochs > 0 ? first_rows(path_, epochs) : "";
  const std::filesystem::path partial = path_.string() + ".partial";
  std::ofstream stream(partial);
  stream << kHeading << rows;
  stream.close();
  if (!stream) throw std::runtime_error(partial.string() + ": cannot be written");
  std::filesystem::rename(partial, path_);
}

void TrainingLog::append(const EpochReport& report, double elapsed_s) {
  std::ofstream stream(path_, std::ios::app);
  stream << report.epoch << '\t' << report.step << '\t' << report.learning_rate << '\t'
         << report.gradient_norm << '\t' << report.loss_per_frame << '\t' << report.skipped << '\t'
         << report.validation.loss_per_frame << '\t' << report.validation.label_error_rate << '\t'
         << elapsed_s << '\n';
  stream.close();
  if (!stream) throw std::runtime_error(path_.string() + ": cannot be written");
}

}  // namespace harpy
