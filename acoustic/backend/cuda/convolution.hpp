#pragma once

#include <memory>
#include <optional>

#include "acoustic/backend/backend.hpp"
#include "acoustic/backend/cuda/dnn_convolution.hpp"
#include "acoustic/backend/cuda/product.hpp"

namespace harpy::cuda {

/// The convolutions of Backend over time and frequency. They are carried out by cuDNN or, where it
/// has no deterministic algorithm, by unfolding and a product. With Precision::kBfloat16 they
/// always are products, since cuDNN would round the results too. Each call is a step of the
/// memory's stream. Errors: DeviceError.
class Convolutions {
 public:
  /// `products` must outlive the object.
  Convolutions(std::shared_ptr<DeviceMemory> memory, cudaStream_t stream, Products& products,
               Precision precision);

  void convolve(const PlaneWindow& window, ConstTensorView x, ConstTensorView weight, TensorView y);
  void input_gradient(const PlaneWindow& window, ConstTensorView dy, ConstTensorView weight,
                      TensorView dx);
  /// Adds to the gradient.
  void weight_gradient(const PlaneWindow& window, ConstTensorView x, ConstTensorView dy,
                       TensorView gradient);

 private:
  /// Unfolds x slice by slice and carries out the product that product_of(slice) gives for each.
  /// Shapes: y [B, T_out, output_bins * O], the output of the convolution.
  template <typename ProductOf>
  void multiply_unfolded(const PlaneWindow& window, ConstTensorView x, const Shape& y,
                         const ProductOf& product_of);
  bool is_for_dnn() const { return precision_ != Precision::kBfloat16; }
  // They return whether cuDNN has carried the convolution out; otherwise nothing has happened.
  bool convolve_by_dnn(const PlaneWindow& window, ConstTensorView x, ConstTensorView weight,
                       TensorView y);
  bool input_gradient_by_dnn(const PlaneWindow& window, ConstTensorView dy, ConstTensorView weight,
                             TensorView dx);
  bool weight_gradient_by_dnn(const PlaneWindow& window, ConstTensorView x, ConstTensorView dy,
                              TensorView gradient);
  DnnConvolutions& dnn();
  /// x with zero frames added: window.time.left before the first one, and as many behind the last
  /// as make `frames` in all.
  Tensor padded(const PlaneWindow& window, ConstTensorView x, std::int64_t frames) const;
  /// The weights transposed, as cuDNN wants them.
  Tensor turned(ConstTensorView weight) const;

  std::shared_ptr<DeviceMemory> memory_;
  cudaStream_t stream_;
  Products& products_;
  Precision precision_;
  std::optional<DnnConvolutions> dnn_;  ///< made when it is first needed
};

}  // namespace harpy::cuda
