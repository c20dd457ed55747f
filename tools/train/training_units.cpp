#include "tools/train/training_units.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "decoder/graph/label_pair_counts.hpp"
#include "service/recognizer/model_description.hpp"

namespace harpy::tools {
namespace {

LabelPairCounts count_pairs(const EntryLists& lists, const LabelFunction& labels) {
  LabelPairCounts counts;
  for (const EntryList& list : lists) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      try {
        counts.add(labels(list[i].text));
      } catch (const std::runtime_error&) {
        continue;  // left out of the training set too, which says why
      }
    }
  }
  return counts;
}

std::vector<double> unit_shares(const LabelContexts& contexts, std::int32_t label_count,
                                const LabelPairCounts& pairs) {
  // Each unit counts as seen once more than it was, so that none has the share 0.
  std::vector<double> counts(static_cast<std::size_t>(contexts.unit_count(label_count)), 1.0);
  for (const auto& [pair, count] : pairs.counts()) {
    counts[static_cast<std::size_t>(contexts.unit(pair.first, pair.second))] +=
        static_cast<double>(count);
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
  LabelPairCounts pairs;
  if (biphone_count > 0) {
    pairs = count_pairs(lists, labels);
    if (units.contexts.empty()) units.contexts = {label_count, pairs.frequent(biphone_count)};
  }
  units.names = units.contexts.names(lexicon.labels().names());
  units.shares = unit_shares(units.contexts, label_count, pairs);
  return units;
}

}  // namespace harpy::tools
