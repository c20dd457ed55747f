#pragma once

#include <vector>

#include "acoustic/backend/device_buffer.hpp"
#include "acoustic/layers/layer.hpp"
#include "acoustic/layers/layer_fields.hpp"

namespace harpy {

/// y[t, d] = x[t, columns[d]]: columns in another order, some of them several times or not at all.
/// Fields: columns (an array).
class Select : public Layer {
 public:
  Select(const Backend& backend, LayerFields& fields, std::int64_t input_dim);

  std::string_view type() const override { return "select"; }
  std::int64_t input_dim() const override { return input_dim_; }
  std::int64_t output_dim() const override { return std::ssize(columns_); }
  Tensor forward(Backend& backend, ConstTensorView x, SavedForwardPtr* saved) const override;
  Tensor backward(Backend& backend, const BackwardInput& input) override;

 private:
  std::int64_t input_dim_;
  std::vector<std::int32_t> columns_;
  DeviceBuffer<std::int32_t> device_columns_;
};

}  // namespace harpy
