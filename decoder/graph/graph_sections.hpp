#pragma once

#include "models/files/section_file.hpp"

namespace harpy {

inline constexpr SectionFormat kGraphFormat{
    .magic = {'H', 'A', 'R', 'P', 'Y', 'G', 'R', 'F'}, .version = 1, .name = "graph file"};

/// What the sections of a graph file hold; the numbers are part of the format.
struct GraphSection {
  static constexpr SectionKind kHeader{1};
  static constexpr SectionKind kArcBegin{2};
  static constexpr SectionKind kEpsilonBegin{3};
  static constexpr SectionKind kEpsilonLevel{4};
  static constexpr SectionKind kFinalCost{5};
  static constexpr SectionKind kArcs{6};
  static constexpr SectionKind kWords{7};
  static constexpr SectionKind kLabels{8};
  static constexpr SectionKind kPronunciationBegin{9};
  static constexpr SectionKind kPronunciationLabelBegin{10};
  static constexpr SectionKind kPronunciationLabels{11};
  static constexpr SectionKind kSilenceLabel{12};  ///< absent: there is no silence
  static constexpr SectionKind kListedInputs{13};  ///< absent: the topology tells
  static constexpr SectionKind kLabelInputs{14};   ///< absent: the graph is the only one
};

}  // namespace harpy
