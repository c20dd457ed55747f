#include "acoustic/layers/factored_linear.hpp"

#include <utility>

#include "acoustic/backend/random_bits.hpp"
#include "acoustic/layers/semi_orthogonal.hpp"

namespace harpy {
namespace {

struct FactoredSaved : SavedForward {
  Tensor h;
  SavedForwardPtr bottleneck, affine;
};

}  // namespace

FactoredLinear::Options FactoredLinear::read_options(LayerFields& fields, std::int64_t input_dim,
                                                     std::uint64_t seed) {
  TimeWindow window{.kernel = fields.integer("kernel", 1, 2),
                    .dilation = fields.integer("dilation", 1, 1)};
  const std::int64_t bottleneck_dim = fields.integer("bottleneck_dim", 1);
  const std::int64_t output_dim = fields.integer("output_dim", 1);
  const bool with_bias = fields.boolean("bias", true);
  const float l2 = fields.number("l2", 1.0, 0.0);
  TimeWindow looking_back = window;
  looking_back.left = (window.kernel - 1) * window.dilation;
  return {.bottleneck = {.window = looking_back,
                         .input_dim = input_dim,
                         .output_dim = bottleneck_dim,
                         .with_bias = false,
                         .seed = random_bits(seed, 0),
                         .l2 = l2},
          .affine = {.window = window,
                     .input_dim = bottleneck_dim,
                     .output_dim = output_dim,
                     .with_bias = with_bias,
                     .seed = random_bits(seed, 1),
                     .l2 = l2}};
}

FactoredLinear::FactoredLinear(const Backend& backend, LayerFields& fields, std::int64_t input_dim,
                               std::uint64_t seed)
    : FactoredLinear(backend, read_options(fields, input_dim, seed)) {}

FactoredLinear::FactoredLinear(const Backend& backend, const Options& options)
    : bottleneck_(backend, options.bottleneck), affine_(backend, options.affine) {
  for (Parameter* parameter : bottleneck_.parameters()) {
    parameter->name = "bottleneck." + parameter->name;
  }
  for (Parameter* parameter : affine_.parameters()) parameter->name = "affine." + parameter->name;
}

FrameContext FactoredLinear::context() const {
  return {bottleneck_.context().left, affine_.context().right};
}

void FactoredLinear::begin_step(Backend& backend, std::int64_t step) {
  constexpr std::int64_t kInterval = 4;
  if (step % kInterval == 0) {
    make_more_semi_orthogonal(backend, bottleneck_.parameters().front()->value);
  }
}

Tensor FactoredLinear::forward(Backend& backend, ConstTensorView x, SavedForwardPtr* saved) const {
  if (saved == nullptr) {
    return affine_.forward(backend, bottleneck_.forward(backend, x, nullptr), nullptr);
  }
  auto kept = std::make_unique<FactoredSaved>();
  kept->h = bottleneck_.forward(backend, x, &kept->bottleneck);
  Tensor y = affine_.forward(backend, kept->h, &kept->affine);
  *saved = std::move(kept);
  return y;
}

Tensor FactoredLinear::backward(Backend& backend, const BackwardInput& input) {
  const auto& kept = static_cast<const FactoredSaved&>(*input.saved);
  const Tensor dh = affine_.backward(backend, {kept.h, input.y, input.dy, kept.affine.get(), true});
  return bottleneck_.backward(backend, {input.x, kept.h, dh, kept.bottleneck.get(), input.need_dx});
}

void FactoredLinear::lay_out_stream(StreamLayout& layout) const {
  bottleneck_.lay_out_stream(layout);
  affine_.lay_out_stream(layout);
}

Tensor FactoredLinear::forward_block(Backend& backend, ConstTensorView x,
                                     StreamBlock& block) const {
  const Tensor h = bottleneck_.forward_block(backend, x, block);
  return affine_.forward_block(backend, h, block);
}

std::vector<Parameter*> FactoredLinear::parameters() {
  std::vector<Parameter*> all = bottleneck_.parameters();
  for (Parameter* parameter : affine_.parameters()) all.push_back(parameter);
  return all;
}

}  // namespace harpy
