#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "decoder/graph/label_contexts.hpp"
#include "decoder/graph/lexicon.hpp"
#include "tools/train/training_data.hpp"

namespace harpy::tools {

/// What the network's outputs stand for.
struct TrainingUnits {
  LabelContexts contexts;
  std::vector<std::string> names;  ///< of all units
  /// Of each unit, in how large a part of its label's places in the transcripts it stands.
  std::vector<double> shares;
};

/// Chooses the units that the training transcripts suggest: each label, and each pair of neighbours
/// that occurs at least `biphone_count` times; 0: no pairs. Entries whose labels are refused do not
/// count. If the folder `initial` holds a model with pairs, its units are taken.
/// Errors: std::runtime_error if that model has other labels; std::invalid_argument as
/// LabelContexts::names.
TrainingUnits choose_units(const Lexicon& lexicon, const EntryLists& lists,
                           const LabelFunction& labels, std::int64_t biphone_count,
                           const std::filesystem::path& initial);

}  // namespace harpy::tools
