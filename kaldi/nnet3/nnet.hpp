#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "kaldi/nnet3/component.hpp"
#include "kaldi/nnet3/descriptor.hpp"

namespace harpy::kaldi {

/// A node of a network: what it computes, and from what.
struct NnetNode {
  enum class Kind {
    kInput,      ///< features or i-vectors
    kComponent,  ///< a component, applied to a descriptor
    kRange,      ///< `dim` columns of another node from `offset` on
    kOutput,     ///< a descriptor
  };
  Kind kind = Kind::kInput;
  std::string component;  ///< its name
  Descriptor input;
  std::int64_t dim = 0;
  std::int64_t offset = 0;
};

/// A network of nnet3 as it is written.
struct Nnet {
  std::map<std::string, NnetNode, std::less<>> nodes;
  std::map<std::string, Component, std::less<>> components;

  /// Errors: std::runtime_error naming the node that is not there.
  const NnetNode& node(const std::string& name) const;
};

/// Reads <Nnet3> … </Nnet3>. Errors: std::runtime_error naming file, byte, and node or component.
Nnet read_nnet(ObjectReader& reader);

}  // namespace harpy::kaldi
