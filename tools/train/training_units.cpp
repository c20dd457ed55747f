#include "tools/train/training_units.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "service/recognizer/model_description.hpp"

namespace harpy::tools {
namespace {

std::vector<std::vector<std::int32_t>> label_sequences(const EntryLists& lists,
                                                       const LabelFunction& labels) {
  std::vector<std::vector<std::int32_t>> sequences;
  for (const std::vector<ManifestEntry>& entries : lists) {
    for (const ManifestEntry& entry : entries) {
      try {
        sequences.push_back(labels(entry.text));
      } catch (const std::runtime_error&) {
        continue;  // left out of the training set too, which says why
      }
    }
  }
  return sequences;
}

std::vector<double> unit_shares(const LabelContexts& contexts, std::int32_t label_count,
                                const std::vector<std::vector<std::int32_t>>& sequences) {
  // Each unit counts as seen once more than it was, so that none has the share 0.
  std::vector<double> counts(static_cast<std::size_t>(contexts.unit_count(label_count)), 1.0);
  for (const std::vector<std::int32_t>& sequence : sequences) {
    std::int32_t before = 0;
    for (const std::int32_t label : sequence) {
      counts[static_cast<std::size_t>(contexts.unit(before, label))] += 1.0;
      before = label;
    }
  }
  std::vector<double> of_labels(static_cast<std::size_t>(label_count));
  const auto label_of = [&contexts](std::size_t unit) {
    return static_cast<std::size_t>(contexts.label(static_cast<std::int32_t>(unit)));
  };
  for (std::size_t unit = 0; unit < counts.size(); ++unit)
    of_labels[label_of(unit)] += counts[unit];
  for (std::size_t unit = 0; unit < counts.size(); ++unit)
    counts[unit] /= of_labels[label_of(unit)];
  return counts;
}

/// The pairs of a model that training begins from, none if it has none.
LabelContexts contexts_of(const std::filesystem::path& folder, const Lexicon& lexicon) {
  if (folder.empty()) return {};
  const std::filesystem::path file = folder / "model.json";
  const std::vector<std::string> units = read_model_description(file).units;
  LabelContexts contexts = LabelContexts::from_names(units);
  const std::vector<std::string>& labels = lexicon.labels().names();
  if (contexts.label_count(static_cast<std::int32_t>(units.size())) != lexicon.labels().size() ||
      !std::equal(labels.begin(), labels.end(), units.begin())) {
    throw std::runtime_error(file.string() +
                             ": its units are not those that the lexicon has, so training cannot "
                             "begin from this model");
  }
  return contexts;
}

}  // namespace

TrainingUnits choose_units(const Lexicon& lexicon, const EntryLists& lists,
                           const LabelFunction& labels, std::int64_t biphone_count,
                           const std::filesystem::path& initial) {
  const std::int32_t label_count = lexicon.labels().size();
  TrainingUnits units{.contexts = contexts_of(initial, lexicon)};
  std::vector<std::vector<std::int32_t>> sequences;
  if (biphone_count > 0) {
    sequences = label_sequences(lists, labels);
    if (units.contexts.empty()) {
      units.contexts = {label_count, frequent_pairs(sequences, biphone_count)};
    }
  }
  units.names = units.contexts.names(lexicon.labels().names());
  units.shares = unit_shares(units.contexts, label_count, sequences);
  return units;
}

}  // namespace harpy::tools
