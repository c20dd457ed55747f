#include <cmath>

#include "acoustic/backend/cuda/elementwise_kernels.hpp"
#include "acoustic/backend/cuda/launch.cuh"
#include "acoustic/backend/random_bits.hpp"

namespace harpy::cuda {
namespace {

struct Fill {
  float value;
  float* y;
  __device__ void operator()(std::int64_t i) const { y[i] = value; }
};

struct Scale {
  float factor;
  float* y;
  __device__ void operator()(std::int64_t i) const { y[i] *= factor; }
};

struct AddScaled {
  float factor;
  const float* x;
  float* y;
  __device__ void operator()(std::int64_t i) const { y[i] += factor * x[i]; }
};

struct Relu {
  __device__ static float value(float x) { return x > 0.0F ? x : 0.0F; }
  __device__ static float gradient(float y, float dy) { return y > 0.0F ? dy : 0.0F; }
};

struct Sigmoid {
  __device__ static float value(float x) { return 1.0F / (1.0F + expf(-x)); }
  __device__ static float gradient(float y, float dy) { return dy * y * (1.0F - y); }
};

struct Tanh {
  __device__ static float value(float x) { return tanhf(x); }
  __device__ static float gradient(float y, float dy) { return dy * (1.0F - y * y); }
};

template <typename Function>
struct Activate {
  const float* x;
  float* y;
  __device__ void operator()(std::int64_t i) const { y[i] = Function::value(x[i]); }
};

template <typename Function>
struct ActivateBackward {
  const float *y, *dy;
  float* dx;
  __device__ void operator()(std::int64_t i) const { dx[i] = Function::gradient(y[i], dy[i]); }
};

/// Each thread does four values, for which one draw of 64 bits suffices.
struct Dropout {
  std::uint64_t key;
  std::uint32_t threshold;  ///< draws of 16 bits below it drop a value
  float factor;
  const float* x;
  float* y;
  std::int64_t count;
  __device__ void operator()(std::int64_t group) const {
    const std::uint64_t bits = random_bits(key, static_cast<std::uint64_t>(group));
    for (int j = 0; j < 4; ++j) {
      const std::int64_t i = group * 4 + j;
      if (i >= count) return;
      const auto part = static_cast<std::uint32_t>(bits >> (16 * j)) & 0xFFFFU;
      y[i] = part >= threshold ? x[i] * factor : 0.0F;
    }
  }
};

struct Adam {
  float learning_rate, beta1, beta2, epsilon, weight_decay;
  float first_correction, second_correction;  ///< 1 / (1 - beta^step)
  const float* gradient;
  float *parameter, *first_moment, *second_moment;
  __device__ void operator()(std::int64_t i) const {
    const float g = gradient[i];
    const float m = beta1 * first_moment[i] + (1.0F - beta1) * g;
    const float v = beta2 * second_moment[i] + (1.0F - beta2) * g * g;
    first_moment[i] = m;
    second_moment[i] = v;
    const float direction = m * first_correction / (sqrtf(v * second_correction) + epsilon);
    parameter[i] -= learning_rate * (direction + weight_decay * parameter[i]);
  }
};

}  // namespace

void fill(cudaStream_t stream, float value, TensorView y) {
  for_each_value(stream, y.size(), Fill{value, y.data});
}

void scale(cudaStream_t stream, float factor, TensorView y) {
  for_each_value(stream, y.size(), Scale{factor, y.data});
}

void add_scaled(cudaStream_t stream, float factor, ConstTensorView x, TensorView y) {
  for_each_value(stream, y.size(), AddScaled{factor, x.data, y.data});
}

void activate(cudaStream_t stream, ActivationKind kind, ConstTensorView x, TensorView y) {
  switch (kind) {
    case ActivationKind::kRelu:
      return for_each_value(stream, y.size(), Activate<Relu>{x.data, y.data});
    case ActivationKind::kSigmoid:
      return for_each_value(stream, y.size(), Activate<Sigmoid>{x.data, y.data});
    case ActivationKind::kTanh:
      return for_each_value(stream, y.size(), Activate<Tanh>{x.data, y.data});
  }
}

void activate_backward(cudaStream_t stream, ActivationKind kind, ConstTensorView y,
                       ConstTensorView dy, TensorView dx) {
  switch (kind) {
    case ActivationKind::kRelu:
      return for_each_value(stream, dx.size(), ActivateBackward<Relu>{y.data, dy.data, dx.data});
    case ActivationKind::kSigmoid:
      return for_each_value(stream, dx.size(), ActivateBackward<Sigmoid>{y.data, dy.data, dx.data});
    case ActivationKind::kTanh:
      return for_each_value(stream, dx.size(), ActivateBackward<Tanh>{y.data, dy.data, dx.data});
  }
}

void dropout(cudaStream_t stream, const DropoutMask& mask, ConstTensorView x, TensorView y) {
  constexpr float kDraws = 65536.0F;
  const float threshold = std::min(std::round(mask.rate * kDraws), kDraws - 1.0F);
  for_each_value(stream, (y.size() + 3) / 4,
                 Dropout{mask.key, static_cast<std::uint32_t>(threshold),
                         kDraws / (kDraws - threshold), x.data, y.data, y.size()});
}

void adam_update(cudaStream_t stream, const AdamStep& step, const AdamOperands& operands) {
  const auto correction = [&](double beta) {
    return static_cast<float>(1.0 / (1.0 - std::pow(beta, static_cast<double>(step.step))));
  };
  for_each_value(stream, operands.parameter.size(),
                 Adam{.learning_rate = step.learning_rate,
                      .beta1 = step.beta1,
                      .beta2 = step.beta2,
                      .epsilon = step.epsilon,
                      .weight_decay = step.weight_decay,
                      .first_correction = correction(step.beta1),
                      .second_correction = correction(step.beta2),
                      .gradient = operands.gradient.data,
                      .parameter = operands.parameter.data,
                      .first_moment = operands.first_moment.data,
                      .second_moment = operands.second_moment.data});
}

}  // namespace harpy::cuda
