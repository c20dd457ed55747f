#pragma once

#include "acoustic/layers/layer.hpp"
#include "acoustic/layers/layer_fields.hpp"

namespace harpy {

/// Dropout (Srivastava et al., 2014): in training y = x / (1 - rate) or, for a share `rate` of the
/// values drawn at random, 0; in inference y = x.
///
/// The draw follows from the network's seed, the layer's place in the network, the training step
/// (begin_step), the microbatch (begin_microbatch) and the value's index in it alone: a resumed
/// training draws what one never stopped draws, on every device and with any number of threads and
/// processes.
///
/// Fields: rate (below 1; 0.5).
class Dropout : public Layer {
 public:
  Dropout(LayerFields& fields, std::int64_t dim, std::uint64_t seed);

  std::string_view type() const override { return "dropout"; }
  std::int64_t input_dim() const override { return dim_; }
  std::int64_t output_dim() const override { return dim_; }
  std::optional<ColumnFunction> column_function(Backend&) const override {
    return ColumnFunction{};
  }
  void begin_step(Backend& backend, std::int64_t step) override;
  void begin_microbatch(std::int64_t index) override;
  Tensor forward(Backend& backend, ConstTensorView x, SavedForwardPtr* saved) const override;
  Tensor backward(Backend& backend, const BackwardInput& input) override;

 private:
  std::int64_t dim_;
  std::uint64_t seed_;
  std::uint64_t step_key_;
  DropoutMask mask_;
};

}  // namespace harpy
