#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace harpy::kaldi {

/// What a node of a network of nnet3 takes as its input: a node's name, or an operator on what
/// others give. docs/kaldi-models.md lists what the operators mean.
struct Descriptor {
  std::string name;                   ///< of a node where there are no arguments, or the operator
  std::vector<Descriptor> arguments;  ///< of an operator; numbers are names without arguments
  bool is_operator = false;
};

/// Errors: std::invalid_argument naming the place in the text.
Descriptor parse_descriptor(std::string_view text);

}  // namespace harpy::kaldi
