#include "tests/bench/block_cost.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <set>
#include <string>

namespace harpy::bench {
namespace {

const std::set<std::string> kWithoutProducts = {"relu",    "sigmoid",     "tanh",
                                                "dropout", "log_softmax", "batch_norm"};

/// Goes through layers in the order of their work.
class Count {
 public:
  Count(double frames, double dim) : frames_(frames), dim_(dim) {}

  /// Whether all layers are counted.
  bool add(const boost::json::array& layers) {
    for (const boost::json::value& value : layers) {
      const boost::json::object& layer = value.as_object();
      const std::string type(layer.at("type").as_string());
      if (type == "convolution" || type == "linear") {
        add_product(layer);
      } else if (type == "residual") {
        if (!add(layer.at("layers").as_array())) return false;
      } else if (!kWithoutProducts.contains(type)) {
        return false;
      }
    }
    return true;
  }

  double operations() const { return operations_; }
  double weights() const { return weights_; }

 private:
  void add_product(const boost::json::object& layer) {
    const auto number = [&](const char* name) {
      const boost::json::value* const field = layer.if_contains(name);
      return field == nullptr ? 1.0 : field->to_number<double>();
    };
    frames_ /= number("stride");
    const double outputs = number("output_dim");
    const double weights = number("kernel") * dim_ * outputs;
    operations_ += 2.0 * frames_ * weights;
    weights_ += weights + outputs;
    dim_ = outputs;
  }

  double frames_;
  double dim_;
  double operations_ = 0.0;
  double weights_ = 0.0;
};

}  // namespace

std::optional<BlockCost> block_cost(const AcousticGrid& grid) {
  const Network& network = grid.model()->network();
  const boost::json::object& description = network.description();
  const auto input_frames = static_cast<double>(grid.input_frames());
  const auto input_dim = static_cast<double>(network.input_dim());
  Count count(input_frames, input_dim);
  const boost::json::value& head =
      description.at("heads").as_object().at(network.head_names()[grid.head()]);
  if (!count.add(description.at("trunk").as_array()) || !count.add(head.as_array())) return {};
  const double values = input_frames * input_dim + 2.0 * static_cast<double>(grid.state_size()) +
                        static_cast<double>(grid.output_frames() * grid.output_dim());
  return BlockCost{.operations = count.operations(),
                   .weight_bytes = sizeof(float) * count.weights(),
                   .stream_bytes = sizeof(float) * values};
}

}  // namespace harpy::bench
