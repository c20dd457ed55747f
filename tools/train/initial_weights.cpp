#include "tools/train/initial_weights.hpp"

#include <cmath>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "acoustic/network_file.hpp"
#include "service/recognizer/model_description.hpp"

namespace harpy::tools {
namespace {

constexpr std::string_view kTrunk = "trunk.";

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

/// A layer without what may differ from that of the initial weights: what training alone looks at.
boost::json::object shape_of(const boost::json::object& layer) {
  boost::json::object shape;
  for (const auto& [field, value] : layer) {
    if (field == "l2" || field == "rate") continue;
    if (field != "layers") {
      shape[field] = value;
      continue;
    }
    boost::json::array layers;
    for (const boost::json::value& inner : value.as_array()) {
      layers.push_back(shape_of(inner.as_object()));
    }
    shape[field] = std::move(layers);
  }
  return shape;
}

/// Where the layers of a trunk are in the trunk that the weights come from. A residual block that
/// is not there begins as the identity: the weight of its last batch norm is 0. A running mean
/// norm, which has no weights, may be new too.
class TrunkPlaces {
 public:
  /// Errors: std::runtime_error naming the file and the layer that does not fit.
  TrunkPlaces(const boost::json::array& from, const boost::json::array& to,
              const std::string& file) {
    std::size_t taken = 0;
    for (std::size_t i = 0; i < to.size(); ++i) {
      const boost::json::object shape = shape_of(to[i].as_object());
      if (taken < from.size() && shape == shape_of(from[taken].as_object())) {
        names_.push_back("trunk." + std::to_string(taken++) + ".");
      } else if (shape.at("type") == "running_mean_norm") {
        names_.emplace_back();  // it has no weights
      } else if (shape.at("type") == "residual") {
        names_.emplace_back();
        zero_weights_.insert("trunk." + std::to_string(i) + "." + last_batch_norm(shape, i, file) +
                             ".gamma");
      } else {
        throw std::runtime_error(file + ": its network lacks layer " + std::to_string(i) +
                                 " of the trunk, " + boost::json::serialize(to[i]));
      }
    }
    if (taken < from.size()) {
      throw std::runtime_error(file + ": layer " + std::to_string(taken) +
                               " of its trunk is not in the network");
    }
  }

  /// The name of a tensor where the weights come from; nothing for one of a new block.
  std::optional<std::string> source_name(const std::string& name) const {
    if (!name.starts_with(kTrunk)) return name;
    const std::size_t end = name.find('.', kTrunk.size());
    const std::string& source = names_[std::stoul(name.substr(kTrunk.size()))];
    if (source.empty()) return std::nullopt;
    return source + name.substr(end + 1);
  }
  /// Whether a new block is the identity because of this tensor.
  bool is_zero(const std::string& name) const { return zero_weights_.contains(name); }

 private:
  static std::string last_batch_norm(const boost::json::object& block, std::size_t layer,
                                     const std::string& file) {
    const boost::json::array& layers = block.at("layers").as_array();
    std::size_t last = layers.size();
    while (last > 0 && layers[last - 1].at("type") == "dropout") --last;
    if (last == 0 || layers[last - 1].at("type") != "batch_norm" ||
        (block.contains("bypass_scale") && block.at("bypass_scale").to_number<double>() != 1.0)) {
      throw std::runtime_error(file + ": its network lacks the residual block " +
                               std::to_string(layer) +
                               " of the trunk, which could begin as the identity only if it ended "
                               "with a batch norm and had a bypass_scale of 1");
    }
    return std::to_string(last - 1);
  }

  std::vector<std::string> names_;  ///< by layer; empty: a new one
  std::set<std::string> zero_weights_;
};

/// Fills a network from one that may lack residual blocks, and whose last layer may have only the
/// labels as outputs; with reset_output only the trunk.
void grow_from(Network& source, const std::string& file, bool reset_output, Backend& backend,
               const TrainingUnits& units, Network& network) {
  const TrunkPlaces places(source.description().at("trunk").as_array(),
                           network.description().at("trunk").as_array(), file);
  std::map<std::string, const Tensor*> sources;
  for (const NamedTensor& tensor : source.tensors()) sources.emplace(tensor.name, tensor.tensor);
  const std::int64_t label_count = source.head_dim(0);
  for (const NamedTensor& tensor : network.tensors()) {
    if (reset_output && !tensor.name.starts_with(kTrunk)) continue;
    Tensor& target = *tensor.tensor;
    const std::optional<std::string> name = places.source_name(tensor.name);
    if (!name) {
      if (places.is_zero(tensor.name)) target = backend.zeros(target.shape());
      continue;
    }
    const auto found = sources.find(*name);
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

void read_initial_weights(const std::filesystem::path& folder, bool reset_output, Backend& backend,
                          const TrainingUnits& units, Network& network) {
  const std::filesystem::path file = folder / "model.json";
  const ModelDescription model = read_model_description(file);
  Network source(backend, model.network, 0);
  read_network_file(folder / model.acoustic_file, backend, source.tensors());
  grow_from(source, file.string(), reset_output, backend, units, network);
}

}  // namespace harpy::tools
