#pragma once

#include "acoustic/layers/layer_chain.hpp"
#include "acoustic/layers/layer_fields.hpp"

namespace harpy {

/// y = f_0(x) + f_1(x) + … + last_scale f_n(x), chains of layers with equal output sizes and frame
/// rates. Fields: branches (an array of arrays of layers); last_scale (1).
class Sum : public Layer {
 public:
  Sum(std::vector<LayerChain> branches, float last_scale);

  std::string_view type() const override { return "sum"; }
  std::int64_t input_dim() const override { return branches_.front().input_dim(); }
  std::int64_t output_dim() const override { return branches_.front().output_dim(); }
  FrameContext context() const override;
  std::int64_t subsampling() const override { return branches_.front().subsampling(); }
  void fix_statistics() override;
  void begin_step(Backend& backend, std::int64_t step) override;
  void begin_microbatch(std::int64_t index) override;
  Tensor forward(Backend& backend, ConstTensorView x, SavedForwardPtr* saved) const override;
  Tensor backward(Backend& backend, const BackwardInput& input) override;
  /// Branches that lag behind less than others are delayed.
  void lay_out_stream(StreamLayout& layout) const override;
  Tensor forward_block(Backend& backend, ConstTensorView x, StreamBlock& block) const override;
  void prepare_inference(Backend& backend) override;
  std::vector<Parameter*> parameters() override;
  std::vector<Statistic*> statistics() override;

 private:
  float scale(std::size_t branch) const {
    return branch + 1 == branches_.size() ? last_scale_ : 1.0F;
  }

  std::vector<LayerChain> branches_;
  float last_scale_;
};

}  // namespace harpy
