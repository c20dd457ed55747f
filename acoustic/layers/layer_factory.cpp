#include "acoustic/layers/layer_factory.hpp"

#include <array>
#include <boost/json/value.hpp>
#include <stdexcept>
#include <string_view>
#include <type_traits>

#include "acoustic/backend/random_bits.hpp"
#include "acoustic/layers/activation.hpp"
#include "acoustic/layers/batch_norm.hpp"
#include "acoustic/layers/convolution.hpp"
#include "acoustic/layers/convolution_2d.hpp"
#include "acoustic/layers/dropout.hpp"
#include "acoustic/layers/factored_linear.hpp"
#include "acoustic/layers/layer_fields.hpp"
#include "acoustic/layers/linear.hpp"
#include "acoustic/layers/log_softmax.hpp"
#include "acoustic/layers/pooling.hpp"
#include "acoustic/layers/residual.hpp"
#include "acoustic/layers/rms_norm.hpp"
#include "acoustic/layers/running_mean_norm.hpp"
#include "acoustic/layers/select.hpp"
#include "acoustic/layers/splice.hpp"
#include "acoustic/layers/sum.hpp"

namespace harpy {
namespace {

using LayerPtr = std::unique_ptr<Layer>;
using Maker = LayerPtr (*)(Backend& backend, LayerFields& fields, const LayerPlace& place);

LayerPtr make_residual(Backend& backend, LayerFields& fields, const LayerPlace& place) {
  LayerChain branch = create_chain(backend, fields.array("layers"), place);
  if (branch.output_dim() != place.input_dim || branch.subsampling() != 1) {
    fields.refuse("layers", "a chain from " + std::to_string(place.input_dim) +
                                " to as many dimensions without subsampling");
  }
  return std::make_unique<Residual>(std::move(branch), fields.number("bypass_scale", 1.0, 1.0));
}

LayerPtr make_sum(Backend& backend, LayerFields& fields, const LayerPlace& place) {
  std::vector<LayerChain> branches;
  for (const boost::json::value& branch : fields.array("branches")) {
    if (!branch.is_array()) fields.refuse("branches", "arrays of layers");
    const LayerPlace branch_place{.path = place.path + "." + std::to_string(branches.size()),
                                  .input_dim = place.input_dim,
                                  .seed = random_bits(place.seed, branches.size())};
    branches.push_back(create_chain(backend, branch.get_array(), branch_place));
    if (branches.back().output_dim() != branches.front().output_dim() ||
        branches.back().subsampling() != branches.front().subsampling()) {
      fields.refuse("branches", "chains with equal output sizes and frame rates");
    }
  }
  if (branches.empty()) fields.refuse("branches", "at least one chain");
  return std::make_unique<Sum>(std::move(branches), fields.number("last_scale", 1.0, 1.0));
}

/// A layer made from its fields and its input alone, from its weights' seed too, or on a device.
template <typename L>
LayerPtr make(Backend& backend, LayerFields& fields, const LayerPlace& place) {
  if constexpr (std::is_constructible_v<L, Backend&, LayerFields&, std::int64_t, std::uint64_t>) {
    return std::make_unique<L>(backend, fields, place.input_dim, place.seed);
  } else if constexpr (std::is_constructible_v<L, Backend&, LayerFields&, std::int64_t>) {
    return std::make_unique<L>(backend, fields, place.input_dim);
  } else if constexpr (std::is_constructible_v<L, LayerFields&, std::int64_t, std::uint64_t>) {
    return std::make_unique<L>(fields, place.input_dim, place.seed);
  } else if constexpr (std::is_constructible_v<L, LayerFields&, std::int64_t>) {
    return std::make_unique<L>(fields, place.input_dim);
  } else {
    return std::make_unique<L>(place.input_dim);
  }
}

template <ActivationKind kind>
LayerPtr make_activation(Backend&, LayerFields&, const LayerPlace& place) {
  return std::make_unique<Activation>(kind, place.input_dim);
}

template <Pooling pooling>
LayerPtr make_pooling(Backend&, LayerFields& fields, const LayerPlace& place) {
  return std::make_unique<PoolingLayer>(pooling, fields, place.input_dim);
}

struct LayerType {
  std::string_view name;
  Maker make;
};

constexpr std::array kLayerTypes{
    LayerType{"average_pooling", make_pooling<Pooling::kAverage>},
    LayerType{"batch_norm", make<BatchNorm>},
    LayerType{"convolution", make<Convolution>},
    LayerType{"convolution_2d", make<Convolution2d>},
    LayerType{"dropout", make<Dropout>},
    LayerType{"factored_linear", make<FactoredLinear>},
    LayerType{"linear", make<Linear>},
    LayerType{"log_softmax", make<LogSoftmax>},
    LayerType{"max_pooling", make_pooling<Pooling::kMax>},
    LayerType{"relu", make_activation<ActivationKind::kRelu>},
    LayerType{"residual", make_residual},
    LayerType{"rms_norm", make<RmsNorm>},
    LayerType{"running_mean_norm", make<RunningMeanNorm>},
    LayerType{"select", make<Select>},
    LayerType{"sigmoid", make_activation<ActivationKind::kSigmoid>},
    LayerType{"splice", make<Splice>},
    LayerType{"sum", make_sum},
    LayerType{"tanh", make_activation<ActivationKind::kTanh>},
};

}  // namespace

LayerPtr create_layer(Backend& backend, const boost::json::object& description,
                      const LayerPlace& place) {
  LayerFields fields(place.path, description);
  const std::string type = fields.text("type");
  for (const LayerType& known : kLayerTypes) {
    if (known.name != type) continue;
    LayerPtr layer = known.make(backend, fields, place);
    fields.refuse_others();
    return layer;
  }
  std::string names;
  for (const std::string& name : layer_type_names()) names += (names.empty() ? "" : ", ") + name;
  fields.refuse("type", "one of " + names);
}

std::vector<std::string> layer_type_names() {
  std::vector<std::string> names;
  names.reserve(kLayerTypes.size());
  for (const LayerType& known : kLayerTypes) names.emplace_back(known.name);
  return names;
}

LayerChain create_chain(Backend& backend, const boost::json::array& descriptions,
                        const LayerPlace& place) {
  LayerChain chain(place.input_dim);
  for (std::size_t i = 0; i < descriptions.size(); ++i) {
    const LayerPlace layer_place{.path = place.path + "." + std::to_string(i),
                                 .input_dim = chain.output_dim(),
                                 .seed = random_bits(place.seed, i)};
    if (!descriptions[i].is_object()) {
      throw std::invalid_argument(layer_place.path + ": expected an object that describes a layer");
    }
    chain.append(create_layer(backend, descriptions[i].get_object(), layer_place));
  }
  return chain;
}

}  // namespace harpy
