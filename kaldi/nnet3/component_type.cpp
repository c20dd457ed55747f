#include "kaldi/nnet3/component_type.hpp"

#include <array>

namespace harpy::kaldi {

namespace {

/// Types of Kaldi's that are not supported, and what they would take.
struct MissingType {
  std::string_view name;
  std::string_view what;
};

constexpr std::string_view kRecurrence =
    "a layer that keeps a state from frame to frame (recurrent networks)";
constexpr std::string_view kStatistics = "statistics over many frames around each";

constexpr std::array kMissingTypes{
    MissingType{"BackpropTruncationComponent", kRecurrence},
    MissingType{"GruNonlinearityComponent", kRecurrence},
    MissingType{"LstmNonlinearityComponent", kRecurrence},
    MissingType{"OutputGruNonlinearityComponent", kRecurrence},
    MissingType{"RestrictedAttentionComponent", "attention to frames around each"},
    MissingType{"StatisticsExtractionComponent", kStatistics},
    MissingType{"StatisticsPoolingComponent", kStatistics},
};

}  // namespace

bool is_opened_by(std::string_view type, std::string_view token) {
  return token.size() == type.size() + 2 && token.substr(1, type.size()) == type;
}

std::string describe_missing(std::string_view token) {
  for (const MissingType& missing : kMissingTypes) {
    if (!is_opened_by(missing.name, token)) continue;
    return "is not supported, which would take " + std::string(missing.what);
  }
  return "is not known";
}

}  // namespace harpy::kaldi
