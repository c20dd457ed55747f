#pragma once

#include <cstdint>
#include <optional>

#include "decoder/graph/graph_file.hpp"
#include "decoder/graph/token_list.hpp"
#include "service/recognizer/score_matrix.hpp"

namespace harpy {

/// Which columns another program's scores have, and of what kind they are.
struct ScoreLayout {
  /// The column of the blank, from 0; absent: there is none, as in hybrid models.
  std::optional<std::int64_t> blank_column = 0;
  /// Whether values may be above 0, as log-probabilities less the logarithms of priors are.
  bool are_likelihoods = false;
};

/// The layout of scores for a graph; `blank` says which column is the blank. In a graph without
/// blanks scores are likelihoods. Errors: std::invalid_argument if the graph has blanks and the
/// scores have none, or for a column that there is not.
ScoreLayout score_layout_for(const GraphPackage& package, const BlankColumn& blank,
                             bool are_likelihoods);

/// Checks the scores of an utterance and puts them into the order of a graph's pdfs: the blank
/// first, then the other columns in their order. The search takes no infinity: a value below
/// -10,000 (minus infinity too) counts as -10,000, far below what any beam keeps. Errors:
/// std::invalid_argument naming frame and column for another number of columns than the graph's
/// labels ask for, NaN, values above 0 (unless likelihoods, but for what rounding explains) and
/// probabilities, whose logarithms were not taken.
void arrange_scores(ScoreMatrix& scores, const GraphPackage& package, const ScoreLayout& layout);

}  // namespace harpy
