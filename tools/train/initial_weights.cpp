#include "tools/train/initial_weights.hpp"

#include <cmath>
#include <cstddef>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "acoustic/network_file.hpp"
#include "service/recognizer/model_description.hpp"

namespace harpy::tools {
namespace {

/// Repeats the columns of labels for their units.
std::vector<float> grown(const std::vector<float>& values, std::size_t label_count,
                         const TrainingUnits& units) {
  std::vector<float> result;
  for (std::size_t row = 0; row < values.size(); row += label_count) {
    for (std::size_t unit = 0; unit < units.names.size(); ++unit) {
      const auto label =
          static_cast<std::size_t>(units.contexts.label(static_cast<std::int32_t>(unit)));
      result.push_back(values[row + label]);
    }
  }
  return result;
}

/// Fills the network from one whose last layer has only the labels as outputs.
void grow_from(Network& labels_only, const std::string& file, Backend& backend,
               const TrainingUnits& units, Network& network) {
  std::map<std::string, const Tensor*> sources;
  for (const NamedTensor& tensor : labels_only.tensors()) {
    sources.emplace(tensor.name, tensor.tensor);
  }
  const std::int64_t label_count = labels_only.head_dim(0);
  for (const NamedTensor& tensor : network.tensors()) {
    const auto found = sources.find(tensor.name);
    Tensor& target = *tensor.tensor;
    const bool is_there = found != sources.end();
    if (is_there && found->second->shape() == target.shape()) {
      backend.copy(*found->second, target);
      continue;
    }
    const bool is_last = is_there && found->second->dim() == label_count &&
                         target.dim() == static_cast<std::int64_t>(units.names.size()) &&
                         found->second->shape().rank() == target.shape().rank();
    if (!is_last) {
      throw std::runtime_error(file + ": its network has no " + tensor.name + " " +
                               to_string(target.shape()));
    }
    std::vector<float> values =
        grown(backend.to_host(*found->second), static_cast<std::size_t>(label_count), units);
    if (target.shape().rank() == 1) {  // the bias: a logarithm of probability, up to a constant
      for (std::size_t unit = 0; unit < values.size(); ++unit) {
        values[unit] += static_cast<float>(std::log(units.shares[unit]));
      }
    }
    backend.copy(backend.from_host(target.shape(), values), target);
  }
}

}  // namespace

void read_initial_weights(const std::filesystem::path& folder, Backend& backend,
                          const TrainingUnits& units, Network& network) {
  const std::filesystem::path file = folder / "model.json";
  const ModelDescription model = read_model_description(file);
  if (model.units == units.names) {
    read_network_file(folder / model.acoustic_file, backend, network.tensors());
    return;
  }
  Network labels_only(backend, model.network, 0);
  read_network_file(folder / model.acoustic_file, backend, labels_only.tensors());
  grow_from(labels_only, file.string(), backend, units, network);
}

}  // namespace harpy::tools
