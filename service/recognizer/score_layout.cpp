#include "service/recognizer/score_layout.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>

#include "models/files/printed.hpp"

namespace harpy {

namespace {

constexpr float kLeastScore = -1e4F;
/// Log-probabilities near 0 may come out above it, in half precision by so much.
constexpr float kMostRounding = 0.01F;
/// Probabilities of a frame sum to 1 but for so much.
constexpr double kSumTolerance = 0.01;

/// Names columns: those of the graph's labels, in the order that the file has.
class ColumnNames {
 public:
  ColumnNames(const GraphPackage& package, const ScoreLayout& layout)
      : package_(package),
        layout_(layout),
        states_(pdfs_per_label(package.frame_labels.topology)),
        unit_count_(package.labels.size() - (layout.blank_column ? 0 : 1)) {}

  std::int64_t column_count() const { return unit_count_ * states_; }
  std::int64_t states() const { return states_; }

  /// "[FRAME, COLUMN] (frame FRAME, label "NAME")".
  std::string place(std::int64_t frame, std::int64_t column) const {
    const std::int64_t unit = column / states_;
    std::int64_t label = unit + 1;
    if (layout_.blank_column && unit == *layout_.blank_column) label = 0;
    if (layout_.blank_column && unit > *layout_.blank_column) label = unit;
    return "at [" + std::to_string(frame) + ", " + std::to_string(column) + "], the label \"" +
           package_.labels.name(static_cast<std::int32_t>(label)) + "\"";
  }

 private:
  const GraphPackage& package_;
  const ScoreLayout& layout_;
  const std::int64_t states_;
  const std::int64_t unit_count_;
};

std::string number_text(float value) { return printed("%g", static_cast<double>(value)); }

/// Whether the values of a frame are probabilities.
bool are_probabilities(std::span<const float> frame) {
  return std::ranges::all_of(frame, [](float value) { return value >= 0.0F; }) &&
         std::abs(std::accumulate(frame.begin(), frame.end(), 0.0) - 1.0) < kSumTolerance;
}

void check_frame(std::span<float> frame, std::int64_t index, const ColumnNames& names,
                 bool are_likelihoods) {
  const auto refuse = [&](std::size_t column, const std::string& what) {
    throw std::invalid_argument(names.place(index, static_cast<std::int64_t>(column)) + ": " +
                                what);
  };
  for (std::size_t column = 0; column < frame.size(); ++column) {
    const float value = frame[column];
    if (std::isnan(value)) refuse(column, "NaN");
    if (value > kMostRounding && are_probabilities(frame)) {
      throw std::invalid_argument("frame " + std::to_string(index) +
                                  " has probabilities, which sum to 1; expected their natural "
                                  "logarithms");
    }
    if (value > (are_likelihoods ? std::numeric_limits<float>::max() : kMostRounding)) {
      refuse(column, number_text(value) +
                         (are_likelihoods ? "; expected a finite log-likelihood"
                                          : "; expected a natural log-probability, which is at "
                                            "most 0 (the output of log_softmax)"));
    }
    frame[column] = std::max(value, kLeastScore);
  }
}

}  // namespace

ScoreLayout score_layout_for(const GraphPackage& package, const BlankColumn& blank,
                             bool are_likelihoods) {
  const bool has_blanks = package.frame_labels.topology == Topology::kCtc;
  const auto column = blank.of(package.labels.size());
  if (has_blanks && !column) {
    throw std::invalid_argument("blank none: the graph has blanks, so the scores must have one");
  }
  return {.blank_column = column, .are_likelihoods = are_likelihoods || !has_blanks};
}

void arrange_scores(ScoreMatrix& scores, const GraphPackage& package, const ScoreLayout& layout) {
  const ColumnNames names(package, layout);
  const std::int64_t expected = names.column_count();
  if (scores.column_count != expected) {
    throw std::invalid_argument(
        "expected " + std::to_string(expected) + " columns, one for each of the graph's " +
        (names.states() > 1 ? "pdfs" : "labels") +
        (layout.blank_column ? " and the blank" : ", which are without a blank") + "; got " +
        std::to_string(scores.column_count));
  }
  if (layout.blank_column && *layout.blank_column * names.states() >= expected) {
    throw std::invalid_argument("the blank is said to be column " +
                                std::to_string(*layout.blank_column) + " of " +
                                std::to_string(expected) + ", which are counted from 0");
  }
  const auto columns = static_cast<std::size_t>(expected);
  for (std::int64_t frame = 0; frame < scores.frame_count; ++frame) {
    check_frame(
        std::span(scores.values).subspan(static_cast<std::size_t>(frame) * columns, columns), frame,
        names, layout.are_likelihoods);
  }
  const auto states = static_cast<std::size_t>(names.states());
  if (layout.blank_column) {
    const auto blank = static_cast<std::size_t>(*layout.blank_column) * states;
    for (auto row = scores.values.begin(); blank > 0 && row != scores.values.end();
         row += static_cast<std::ptrdiff_t>(columns)) {
      std::rotate(row, row + static_cast<std::ptrdiff_t>(blank),
                  row + static_cast<std::ptrdiff_t>(blank + states));
    }
    return;
  }
  // The graph has pdfs of a blank all the same, which are in none of its paths.
  std::vector<float> with_blank;
  with_blank.reserve(scores.values.size() + static_cast<std::size_t>(scores.frame_count) * states);
  for (std::int64_t frame = 0; frame < scores.frame_count; ++frame) {
    const auto row = scores.values.begin() +
                     static_cast<std::ptrdiff_t>(frame) * static_cast<std::ptrdiff_t>(columns);
    with_blank.insert(with_blank.end(), states, kLeastScore);
    with_blank.insert(with_blank.end(), row, row + static_cast<std::ptrdiff_t>(columns));
  }
  scores.values = std::move(with_blank);
  scores.column_count += names.states();
}

}  // namespace harpy
