#pragma once

#include <array>
#include <filesystem>
#include <vector>

#include "decoder/written/marked_text.hpp"

namespace harpy {

/// What a pause behind a word says about the mark there: logarithms of the pause's likelihood with
/// each mark, up to a constant.
class PauseScores {
 public:
  /// Reads a table: a pause in seconds from which a line counts, ascending from 0, then the scores
  /// of no mark, comma, full stop and question mark, with a tab between. Lines that begin with #
  /// say something. Errors: std::runtime_error naming file and line.
  explicit PauseScores(const std::filesystem::path& path);

  std::array<float, kMarkCount> scores(double pause_s) const;

 private:
  struct Row {
    double from_s = 0.0;
    std::array<float, kMarkCount> scores{};
  };

  std::vector<Row> rows_;
};

}  // namespace harpy
