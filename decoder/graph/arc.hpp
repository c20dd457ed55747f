#pragma once

#include <cstdint>
#include <limits>

namespace harpy {

/// A transition of a decoding graph, 16 bytes on host and device.
struct Arc {
  std::int32_t target = 0;  ///< state it leads to
  std::int32_t input = 0;   ///< 0 is epsilon, p > 0 consumes a frame scored by pdf p - 1
  std::int32_t output = 0;  ///< 0 is none, else a word id
  float cost = 0.0F;        ///< negated natural logarithm of the weight, lower is better

  // Written out for the one target that is C++17, OpenFst's.
  constexpr bool operator==(const Arc& other) const {
    return target == other.target && input == other.input && output == other.output &&
           cost == other.cost;
  }
};
static_assert(sizeof(Arc) == 16);

/// Final cost of a state that is not final; also the cost of what cannot be.
inline constexpr float kInfiniteCost = std::numeric_limits<float>::infinity();

/// A weighted FST in compressed-sparse-row form, as pointers that live on the host or on a device.
///
/// The arcs of state s are arcs[arc_begin[s] .. arc_begin[s + 1]): first the emitting ones, up to
/// epsilon_begin[s], then the epsilon ones. There are no epsilon cycles: epsilon_level[s] is the
/// number of arcs on the longest path of epsilon arcs that ends in s, so every epsilon arc leads to
/// a higher level.
struct GraphView {
  std::int32_t state_count = 0;
  std::int32_t start = 0;
  std::int32_t pdf_count = 0;                    ///< inputs are 0 .. pdf_count
  std::int32_t epsilon_level_count = 1;          ///< 1 + the highest level
  const std::uint32_t* arc_begin = nullptr;      ///< [state_count + 1]
  const std::uint32_t* epsilon_begin = nullptr;  ///< [state_count]
  const std::uint8_t* epsilon_level = nullptr;   ///< [state_count]
  const float* final_cost = nullptr;             ///< [state_count], kInfiniteCost where not final
  const Arc* arcs = nullptr;                     ///< [arc_begin[state_count]]

  constexpr std::uint32_t arc_count() const { return arc_begin[state_count]; }
};

}  // namespace harpy
