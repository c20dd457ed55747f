#include "decoder/written/pause_scores.hpp"

#include <optional>
#include <stdexcept>

#include "models/files/text_fields.hpp"
#include "models/files/text_lines.hpp"

namespace harpy {

PauseScores::PauseScores(const std::filesystem::path& path) {
  TextLines lines(path);
  while (const auto line = lines.next()) {
    if (trim(*line).empty() || line->front() == '#') continue;
    const auto& fields = lines.fields();
    if (fields.size() != 1 + kMarkCount) {
      throw lines.error("expected a pause in seconds and four scores, got " +
                        std::to_string(fields.size()) + " fields");
    }
    Row row;
    const std::optional<double> from_s = parse_double(fields[0]);
    if (!from_s || (rows_.empty() ? *from_s != 0.0 : *from_s <= rows_.back().from_s)) {
      throw lines.error("expected pauses that ascend from 0, got \"" + std::string(fields[0]) +
                        "\"");
    }
    row.from_s = *from_s;
    for (std::size_t mark = 0; mark < kMarkCount; ++mark) {
      const std::optional<float> score = parse_float(fields[mark + 1]);
      if (!score || !(*score >= -100.0F && *score <= 100.0F)) {
        throw lines.error("expected a score from -100 to 100, got \"" +
                          std::string(fields[mark + 1]) + "\"");
      }
      row.scores[mark] = *score;
    }
    rows_.push_back(row);
  }
  if (rows_.empty()) throw std::runtime_error(path.string() + ": holds no pauses");
}

std::array<float, kMarkCount> PauseScores::scores(double pause_s) const {
  std::array<float, kMarkCount> scores = rows_.front().scores;
  for (const Row& row : rows_) {
    if (pause_s >= row.from_s) scores = row.scores;
  }
  return scores;
}

}  // namespace harpy
