#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace harpy {

/// A label that follows another one.
struct LabelPair {
  std::int32_t before = 0;
  std::int32_t label = 0;

  bool operator==(const LabelPair&) const = default;
};

/// Which output of the acoustic model scores a label, by the label before it: left biphones with
/// tied outputs (Lee 1988; Hadian et al. 2018 for training without alignments).
///
/// What is scored is a unit. Unit l, for each label l (0 is the blank), is the label wherever it
/// stands; the units after those are labels behind one certain label. So where there are no pairs,
/// units are labels. A unit's name is its label's or, as in HTK, "BEFORE-LABEL"; the list of names
/// says all there is to know. Threads: const access from any thread.
class LabelContexts {
 public:
  /// Units are labels, however many there are.
  LabelContexts() = default;

  /// Labels are 0 .. label_count - 1; pair number i is unit label_count + i.
  /// Errors: std::invalid_argument for a pair that is there twice or has a label out of range.
  LabelContexts(std::int32_t label_count, std::vector<LabelPair> pairs);

  /// Reads the names of all units, labels first.
  /// Errors: std::invalid_argument naming one that is no pair of labels but follows one that is.
  static LabelContexts from_names(std::span<const std::string> unit_names);

  /// The names of all units. Errors: std::invalid_argument for a name of a label that looks like a
  /// pair's, with a hyphen inside, if there are pairs.
  std::vector<std::string> names(std::span<const std::string> label_names) const;

  bool empty() const { return pairs_.empty(); }
  std::span<const LabelPair> pairs() const { return pairs_; }
  std::int32_t label_count(std::int32_t unit_count) const {
    return unit_count - static_cast<std::int32_t>(pairs_.size());
  }
  std::int32_t unit_count(std::int32_t label_count) const {
    return label_count + static_cast<std::int32_t>(pairs_.size());
  }
  /// The unit of a label behind another one; `before` 0: behind none.
  std::int32_t unit(std::int32_t before, std::int32_t label) const {
    return pairs_.empty() ? label : units_[place(before, label)];
  }
  std::int32_t label(std::int32_t unit) const {
    return unit < label_count_ || pairs_.empty()
               ? unit
               : pairs_[static_cast<std::size_t>(unit - label_count_)].label;
  }

  bool operator==(const LabelContexts&) const = default;

 private:
  std::size_t place(std::int32_t before, std::int32_t label) const {
    return static_cast<std::size_t>(before) * static_cast<std::size_t>(label_count_) +
           static_cast<std::size_t>(label);
  }

  std::int32_t label_count_ = 0;
  std::vector<LabelPair> pairs_;
  std::vector<std::int32_t> units_;  ///< [label_count, label_count]
};

}  // namespace harpy
