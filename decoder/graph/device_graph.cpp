#include "decoder/graph/device_graph.hpp"

#include <cstddef>
#include <utility>

namespace harpy {

namespace {

/// Copies an array of the host to the device and points `place` there.
template <typename T>
DeviceBuffer<T> copy_to(const std::shared_ptr<DeviceMemory>& memory, std::size_t size,
                        const T*& place) {
  DeviceBuffer<T> buffer(memory, size);
  buffer.copy_from_host({place, size});
  place = buffer.data();
  return buffer;
}

}  // namespace

DeviceGraph::DeviceGraph(std::shared_ptr<const DecodingGraph> graph,
                         std::shared_ptr<DeviceMemory> memory)
    : graph_(std::move(graph)), memory_(std::move(memory)), view_(graph_->view()) {
  const auto state_count = static_cast<std::size_t>(view_.state_count);
  const std::size_t arc_count = view_.arc_count();
  arc_begin_ = copy_to(memory_, state_count + 1, view_.arc_begin);
  epsilon_begin_ = copy_to(memory_, state_count, view_.epsilon_begin);
  epsilon_level_ = copy_to(memory_, state_count, view_.epsilon_level);
  final_cost_ = copy_to(memory_, state_count, view_.final_cost);
  arcs_ = copy_to(memory_, arc_count, view_.arcs);
}

}  // namespace harpy
