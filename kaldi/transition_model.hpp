#pragma once

#include <cstdint>
#include <vector>

#include "kaldi/files/object_reader.hpp"

namespace harpy::kaldi {

/// What a transition-id, an input label of Kaldi's graphs, stands for.
struct Transition {
  std::int32_t phone = 0;
  std::int32_t pdf = 0;
  bool is_self_loop = false;
  bool begins_phone = false;   ///< leaves the phone's first state, and not by its loop
  std::int32_t self_loop = 0;  ///< transition-id of the same state's loop; 0: it has none
};

/// The transition model at the head of a file final.mdl. Its probabilities are in the graph
/// already, so that only the meaning of the transition-ids is kept.
struct TransitionModel {
  std::vector<Transition> transitions;  ///< of transition-id i at i - 1
  std::int32_t pdf_count = 0;
};

/// Errors: std::runtime_error naming file and byte.
TransitionModel read_transition_model(ObjectReader& reader);

}  // namespace harpy::kaldi
