#pragma once

#include "acoustic/layers/layer.hpp"
#include "acoustic/layers/layer_fields.hpp"

namespace harpy {

/// y = x * target_rms / sqrt(mean of x^2), over each of `blocks` equal parts of a frame by itself
/// ("renorm" in Kaldi; without learnt scales: Zhang and Sennrich, 2019).
/// Fields: blocks (1); target_rms (1).
class RmsNorm : public Layer {
 public:
  RmsNorm(LayerFields& fields, std::int64_t dim);

  std::string_view type() const override { return "rms_norm"; }
  std::int64_t input_dim() const override { return dim_; }
  std::int64_t output_dim() const override { return dim_; }
  Tensor forward(Backend& backend, ConstTensorView x, SavedForwardPtr* saved) const override;
  Tensor backward(Backend& backend, const BackwardInput& input) override;

 private:
  /// Each block of each frame as a row.
  template <typename View>
  View block_rows(View x) const {
    return reshaped(x, {x.rows() * blocks_, dim_ / blocks_});
  }

  std::int64_t dim_;
  std::int64_t blocks_;
  float target_rms_;
};

}  // namespace harpy
