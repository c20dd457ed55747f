#pragma once

#include "acoustic/layers/layer.hpp"
#include "acoustic/layers/layer_fields.hpp"

namespace harpy {

/// Batch normalisation (Ioffe and Szegedy, 2015): y = gamma * (x - mean) / sqrt(variance + epsilon)
/// + beta for each column. In training mean and variance (biased) are those of all frames of the
/// minibatch; the running ones that inference uses move towards them by `momentum` with each
/// backward, unless they are fixed: then training uses them too. With bins, frames are laid out
/// [bin, channel] and all bins of a channel share one normalisation.
///
/// Fields: bins (1); epsilon (1e-5); momentum (weight of the newest minibatch, 0.1).
class BatchNorm : public Layer {
 public:
  BatchNorm(const Backend& backend, LayerFields& fields, std::int64_t dim);

  std::string_view type() const override { return "batch_norm"; }
  std::int64_t input_dim() const override { return bins_ * channels(); }
  std::int64_t output_dim() const override { return input_dim(); }
  void fix_statistics() override { is_fixed_ = true; }
  Tensor forward(Backend& backend, ConstTensorView x, SavedForwardPtr* saved) const override;
  std::optional<ColumnFunction> column_function(Backend& backend) const override;
  void prepare_inference(Backend& backend) override { scaling_ = running_scaling(backend); }
  Tensor backward(Backend& backend, const BackwardInput& input) override;
  std::vector<Parameter*> parameters() override { return {&gamma_, &beta_}; }
  std::vector<Statistic*> statistics() override { return {&mean_, &variance_}; }

 private:
  std::int64_t channels() const { return gamma_.value.size(); }
  ConstTensorView channel_rows(ConstTensorView x) const;
  ColumnFunction scaling_by(Backend& backend, const Normalization& normalization) const;
  ColumnFunction running_scaling(Backend& backend) const { return scaling_by(backend, running()); }
  /// By the running statistics.
  Normalization running() const {
    return {mean_.value, variance_.value, gamma_.value, beta_.value, epsilon_, false};
  }

  std::int64_t bins_;
  float epsilon_;
  float momentum_;
  bool is_fixed_ = false;
  Parameter gamma_, beta_;
  Statistic mean_, variance_;
  ColumnFunction scaling_;  ///< by the running statistics, once inference is prepared
};

}  // namespace harpy
