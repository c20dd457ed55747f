#include "acoustic/backend/cpu/convolution.hpp"

#include <algorithm>
#include <cstddef>
#include <dnnl.hpp>
#include <stdexcept>
#include <string>
#include <unordered_map>

#include "acoustic/backend/cpu/single_threaded_scope.hpp"

namespace harpy::cpu {
namespace {

using Layout = dnnl::memory::format_tag;
using Description = dnnl::memory::desc;

/// What oneDNN is told of the part of a convolution that one thread works on.
class ConvolutionPart {
 public:
  ConvolutionPart(const std::shared_ptr<DeviceMemory>& memory, const ConvolutionShape& shape,
                  std::int64_t sequences)
      : memory_(memory), stream_(engine_) {
    const PlaneWindow& window = shape.window;
    const TimeWindow& time = window.time;
    const std::int64_t in_channels = shape.x.dim() / window.bins;
    const std::int64_t out_bins = window.output_bins();
    const std::int64_t out_channels = shape.y.dim() / out_bins;
    x_ = describe({sequences, in_channels, shape.x[1], window.bins}, Layout::nhwc);
    y_ = describe({sequences, out_channels, shape.y[1], out_bins}, Layout::nhwc);
    const dnnl::memory::dims weight{out_channels, in_channels, time.kernel, window.kernel_bins};
    weight_ = describe(weight, Layout::hwio);
    fast_weight_ = describe(weight, Layout::any);
    strides_ = {time.stride, window.stride_bins};
    dilations_ = {time.dilation - 1, 0};
    padding_begin_ = {time.left, window.padding_bins};
    // oneDNN wants no less than zero at the end and leaves out what the stride does not reach.
    const std::int64_t last_frame =
        (shape.y[1] - 1) * time.stride + (time.kernel - 1) * time.dilation - time.left;
    const std::int64_t last_bin =
        (out_bins - 1) * window.stride_bins + window.kernel_bins - 1 - window.padding_bins;
    padding_end_ = {std::max<std::int64_t>(0, last_frame + 1 - shape.x[1]),
                    std::max<std::int64_t>(0, last_bin + 1 - window.bins)};
    attributes_.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  }

  void forward(const float* x, const float* weight, float* y) {
    const auto description = forward_description();
    const Buffer fast_weight = reordered(weight_, weight, description.weights_desc());
    execute(dnnl::convolution_forward(description), description.scratchpad_desc(),
            {{DNNL_ARG_SRC, wrap(description.src_desc(), x)},
             {DNNL_ARG_WEIGHTS, fast_weight.memory},
             {DNNL_ARG_DST, wrap(description.dst_desc(), y)}});
  }

  void input_gradient(const float* dy, const float* weight, float* dx) {
    const dnnl::convolution_backward_data::primitive_desc description(
        {dnnl::algorithm::convolution_direct, x_, fast_weight_, y_, strides_, dilations_,
         padding_begin_, padding_end_},
        attributes_, engine_, forward_description());
    const Buffer fast_weight = reordered(weight_, weight, description.weights_desc());
    execute(dnnl::convolution_backward_data(description), description.scratchpad_desc(),
            {{DNNL_ARG_DIFF_DST, wrap(description.diff_dst_desc(), dy)},
             {DNNL_ARG_WEIGHTS, fast_weight.memory},
             {DNNL_ARG_DIFF_SRC, wrap(description.diff_src_desc(), dx)}});
  }

  void weight_gradient(const float* x, const float* dy, float* gradient) {
    const dnnl::convolution_backward_weights::primitive_desc description(
        {dnnl::algorithm::convolution_direct, x_, fast_weight_, y_, strides_, dilations_,
         padding_begin_, padding_end_},
        attributes_, engine_, forward_description());
    Buffer fast_gradient = allocate(description.diff_weights_desc());
    execute(dnnl::convolution_backward_weights(description), description.scratchpad_desc(),
            {{DNNL_ARG_SRC, wrap(description.src_desc(), x)},
             {DNNL_ARG_DIFF_DST, wrap(description.diff_dst_desc(), dy)},
             {DNNL_ARG_DIFF_WEIGHTS, fast_gradient.memory}});
    dnnl::memory target = wrap(weight_, gradient);
    dnnl::reorder(fast_gradient.memory, target).execute(stream_, fast_gradient.memory, target);
    stream_.wait();
  }

 private:
  /// oneDNN's view of memory that is given back at its end.
  struct Buffer {
    DeviceBuffer<std::byte> bytes;
    dnnl::memory memory;
  };

  static Description describe(const dnnl::memory::dims& extents, Layout layout) {
    return {extents, dnnl::memory::data_type::f32, layout};
  }

  dnnl::convolution_forward::primitive_desc forward_description() const {
    return {{dnnl::prop_kind::forward_training, dnnl::algorithm::convolution_direct, x_,
             fast_weight_, y_, strides_, dilations_, padding_begin_, padding_end_},
            attributes_,
            engine_};
  }

  /// oneDNN has no type for memory that is only read, hence the cast.
  dnnl::memory wrap(const Description& description, const float* data) const {
    return {description, engine_, const_cast<float*>(data)};
  }
  Buffer allocate(const Description& description) const {
    Buffer buffer{{memory_, description.get_size()}, {}};
    buffer.memory = dnnl::memory(description, engine_, buffer.bytes.data());
    return buffer;
  }
  Buffer reordered(const Description& from, const float* data, const Description& to) {
    Buffer buffer = allocate(to);
    dnnl::memory source = wrap(from, data);
    dnnl::reorder(source, buffer.memory).execute(stream_, source, buffer.memory);
    return buffer;
  }
  void execute(const dnnl::primitive& primitive, const Description& scratchpad,
               std::unordered_map<int, dnnl::memory> operands) {
    const Buffer scratch = allocate(scratchpad);
    operands[DNNL_ARG_SCRATCHPAD] = scratch.memory;
    primitive.execute(stream_, operands);
    stream_.wait();
  }

  const std::shared_ptr<DeviceMemory>& memory_;
  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_;
  Description x_, y_, weight_, fast_weight_;
  dnnl::memory::dims strides_, dilations_, padding_begin_, padding_end_;
  dnnl::primitive_attr attributes_;
};

/// Calls work(convolution of some sequences, number of the first, part) on each part of the team.
/// (oneDNN keeps the code of recent shapes, so that making a primitive anew costs microseconds.)
template <typename Work>
void for_parts(ThreadTeam& team, const std::shared_ptr<DeviceMemory>& memory,
               const ConvolutionShape& shape, const Work& work) {
  const std::int64_t sequences = shape.x[0];
  team.run([&](int part) {
    const std::int64_t begin = sequences * part / team.size();
    const std::int64_t end = sequences * (part + 1) / team.size();
    if (begin == end) return;
    const SingleThreadedScope single_threaded;
    try {
      ConvolutionPart convolution(memory, shape, end - begin);
      work(convolution, begin, part);
    } catch (const dnnl::error& error) {
      throw std::runtime_error(std::string("oneDNN: convolution: ") + error.what());
    }
  });
}

}  // namespace

void convolve(ThreadTeam& team, const std::shared_ptr<DeviceMemory>& memory,
              const ConvolutionShape& shape, const float* x, const float* weight, float* y) {
  const std::int64_t x_size = shape.x[1] * shape.x[2], y_size = shape.y[1] * shape.y[2];
  for_parts(team, memory, shape, [&](ConvolutionPart& convolution, std::int64_t begin, int) {
    convolution.forward(x + begin * x_size, weight, y + begin * y_size);
  });
}

void convolve_input_gradient(ThreadTeam& team, const std::shared_ptr<DeviceMemory>& memory,
                             const ConvolutionShape& shape, const float* dy, const float* weight,
                             float* dx) {
  const std::int64_t x_size = shape.x[1] * shape.x[2], y_size = shape.y[1] * shape.y[2];
  for_parts(team, memory, shape, [&](ConvolutionPart& convolution, std::int64_t begin, int) {
    convolution.input_gradient(dy + begin * y_size, weight, dx + begin * x_size);
  });
}

void convolve_weight_gradient(ThreadTeam& team, const std::shared_ptr<DeviceMemory>& memory,
                              const ConvolutionShape& shape, const float* x, const float* dy,
                              float* part_gradients) {
  const std::int64_t x_size = shape.x[1] * shape.x[2], y_size = shape.y[1] * shape.y[2];
  const PlaneWindow& window = shape.window;
  const std::int64_t weight_size = window.time.kernel * window.kernel_bins *
                                   (shape.x.dim() / window.bins) *
                                   (shape.y.dim() / window.output_bins());
  for_parts(team, memory, shape, [&](ConvolutionPart& convolution, std::int64_t begin, int part) {
    convolution.weight_gradient(x + begin * x_size, dy + begin * y_size,
                                part_gradients + part * weight_size);
  });
}

}  // namespace harpy::cpu
