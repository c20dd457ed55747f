#include "acoustic/layers/layer_factory.hpp"

#include <array>
#include <boost/json/value.hpp>
#include <stdexcept>
#include <string_view>

#include "acoustic/backend/random_bits.hpp"
#include "acoustic/layers/activation.hpp"
#include "acoustic/layers/batch_norm.hpp"
#include "acoustic/layers/convolution.hpp"
#include "acoustic/layers/layer_fields.hpp"
#include "acoustic/layers/linear.hpp"
#include "acoustic/layers/log_softmax.hpp"
#include "acoustic/layers/residual.hpp"

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
  return std::make_unique<Residual>(std::move(branch));
}

struct LayerType {
  std::string_view name;
  Maker make;
};

constexpr std::array kLayerTypes{
    LayerType{"batch_norm",
              [](Backend& backend, LayerFields& fields, const LayerPlace& place) -> LayerPtr {
                return std::make_unique<BatchNorm>(backend, fields, place.input_dim);
              }},
    LayerType{"convolution",
              [](Backend& backend, LayerFields& fields, const LayerPlace& place) -> LayerPtr {
                return std::make_unique<Convolution>(backend, fields, place.input_dim, place.seed);
              }},
    LayerType{"linear",
              [](Backend& backend, LayerFields& fields, const LayerPlace& place) -> LayerPtr {
                return std::make_unique<Linear>(backend, fields, place.input_dim, place.seed);
              }},
    LayerType{"log_softmax",
              [](Backend&, LayerFields&, const LayerPlace& place) -> LayerPtr {
                return std::make_unique<LogSoftmax>(place.input_dim);
              }},
    LayerType{"relu",
              [](Backend&, LayerFields&, const LayerPlace& place) -> LayerPtr {
                return std::make_unique<Activation>(ActivationKind::kRelu, place.input_dim);
              }},
    LayerType{"residual", make_residual},
    LayerType{"sigmoid",
              [](Backend&, LayerFields&, const LayerPlace& place) -> LayerPtr {
                return std::make_unique<Activation>(ActivationKind::kSigmoid, place.input_dim);
              }},
    LayerType{"tanh",
              [](Backend&, LayerFields&, const LayerPlace& place) -> LayerPtr {
                return std::make_unique<Activation>(ActivationKind::kTanh, place.input_dim);
              }},
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
  for (const LayerType& known : kLayerTypes) {
    names += (names.empty() ? "" : ", ") + std::string(known.name);
  }
  fields.refuse("type", "one of " + names);
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
