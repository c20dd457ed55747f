#include "acoustic/layers/select.hpp"

#include <boost/json/value.hpp>
#include <string>

namespace harpy {

Select::Select(const Backend& backend, LayerFields& fields, std::int64_t input_dim)
    : input_dim_(input_dim) {
  for (const boost::json::value& column : fields.array("columns")) {
    if (!column.is_int64() || column.get_int64() < 0 || column.get_int64() >= input_dim) {
      fields.refuse("columns", "numbers from 0 to " + std::to_string(input_dim - 1));
    }
    columns_.push_back(static_cast<std::int32_t>(column.get_int64()));
  }
  if (columns_.empty()) fields.refuse("columns", "at least one");
  device_columns_ = {backend.memory(), columns_.size()};
  device_columns_.copy_from_host(columns_);
}

Tensor Select::forward(Backend& backend, ConstTensorView x, SavedForwardPtr*) const {
  Tensor y = backend.empty({x.shape[0], x.shape[1], output_dim()});
  backend.select_columns(x, device_columns_.data(), y);
  return y;
}

Tensor Select::backward(Backend& backend, const BackwardInput& input) {
  if (!input.need_dx) return {};
  // Columns that were selected several times get the sum of their gradients: a product with ones.
  std::vector<float> ones(columns_.size() * static_cast<std::size_t>(input_dim_));
  for (std::size_t d = 0; d < columns_.size(); ++d) {
    ones[d * static_cast<std::size_t>(input_dim_) + static_cast<std::size_t>(columns_[d])] = 1.0F;
  }
  const Tensor selection = backend.from_host({output_dim(), input_dim_}, ones);
  Tensor dx = backend.empty(input.x.shape);
  backend.multiply(input.dy, Transpose::kNo, selection, Transpose::kNo, dx, Accumulate::kNo);
  return dx;
}

}  // namespace harpy
