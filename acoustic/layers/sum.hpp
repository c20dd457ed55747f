#pragma once

#include "acoustic/layers/layer_chain.hpp"
#include "acoustic/layers/layer_fields.hpp"

namespace harpy {

/// y = f_0(x) + f_1(x) + …, chains of layers with equal output sizes and frame rates.
/// Fields: branches (an array of arrays of layers).
class Sum : public Layer {
 public:
  explicit Sum(std::vector<LayerChain> branches);

  std::string_view type() const override { return "sum"; }
  std::int64_t input_dim() const override { return branches_.front().input_dim(); }
  std::int64_t output_dim() const override { return branches_.front().output_dim(); }
  FrameContext context() const override;
  std::int64_t subsampling() const override { return branches_.front().subsampling(); }
  void begin_step(Backend& backend, std::int64_t step) override;
  Tensor forward(Backend& backend, ConstTensorView x, SavedForwardPtr* saved) const override;
  Tensor backward(Backend& backend, const BackwardInput& input) override;
  /// Branches that lag behind less than others are delayed.
  void lay_out_stream(StreamLayout& layout) const override;
  Tensor forward_block(Backend& backend, ConstTensorView x, StreamBlock& block) const override;
  std::vector<Parameter*> parameters() override;
  std::vector<Statistic*> statistics() override;

 private:
  std::vector<LayerChain> branches_;
};

}  // namespace harpy
