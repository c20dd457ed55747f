#pragma once

#include <memory>

#include "acoustic/backend/device_buffer.hpp"
#include "decoder/graph/decoding_graph.hpp"

namespace harpy {

/// A decoding graph of which a device holds a copy, immutable and shared by all searches there.
class DeviceGraph {
 public:
  /// Cost: as many bytes on the device as the graph has on the host. Errors: those of the device,
  /// std::bad_alloc among them.
  DeviceGraph(std::shared_ptr<const DecodingGraph> graph, std::shared_ptr<DeviceMemory> memory);

  const std::shared_ptr<const DecodingGraph>& host() const { return graph_; }
  const std::shared_ptr<DeviceMemory>& memory() const { return memory_; }
  /// Pointers into the device's memory.
  const GraphView& view() const { return view_; }

 private:
  std::shared_ptr<const DecodingGraph> graph_;
  std::shared_ptr<DeviceMemory> memory_;
  DeviceBuffer<std::uint32_t> arc_begin_;
  DeviceBuffer<std::uint32_t> epsilon_begin_;
  DeviceBuffer<std::uint8_t> epsilon_level_;
  DeviceBuffer<float> final_cost_;
  DeviceBuffer<Arc> arcs_;
  GraphView view_;
};

}  // namespace harpy
