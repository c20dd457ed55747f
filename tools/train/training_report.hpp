#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "acoustic/training/training_log.hpp"

namespace harpy::tools {

/// What a report says besides its curves.
struct TrainingReportFacts {
  std::string title;
  std::vector<std::pair<std::string, std::string>> facts;  ///< name and value, in order
  std::string recipe;                                      ///< its text
  std::string log_file;  ///< name of the table of epochs, beside the report
};

/// Writes one HTML page, without anything outside it, about a training: the best epoch, curves of
/// loss, errors, learning rate and gradient norm as SVG, and all epochs as a table. Replaces the
/// file by rename. Errors: std::runtime_error naming the file.
void write_training_report(const std::filesystem::path& path, const TrainingReportFacts& facts,
                           std::span<const TrainingLogRow> rows);

}  // namespace harpy::tools
