#include "tools/info/info_network.hpp"

#include <algorithm>
#include <memory>
#include <string>

#include <boost/json/array.hpp>

#include "acoustic/layers/layer_factory.hpp"
#include "service/json/json_text.hpp"

namespace harpy::tools {

namespace {

namespace json = boost::json;

/// Walks through layers and adds a row for each.
class LayerTable {
 public:
  explicit LayerTable(InfoTable& table) : table_(table), backend_(create_backend({})) {}

  /// `rate`: frames of the network's input for each of the chain's. Returns the output's size, and
  /// leaves in `rate` that of the output.
  std::int64_t add_chain(const json::array& layers, const std::string& path, int depth,
                         std::int64_t input_dim, std::int64_t& rate) {
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const std::string place = path + "." + std::to_string(i);
      const json::object& description = layers[i].as_object();
      const std::unique_ptr<Layer> layer =
          create_layer(*backend_, description, {.path = place, .input_dim = input_dim});
      add_row(description, *layer, place, depth, rate);
      if (const json::value* inner = description.if_contains("layers")) {
        std::int64_t inner_rate = rate;
        add_chain(inner->as_array(), place, depth + 1, input_dim, inner_rate);
      }
      if (const json::value* branches = description.if_contains("branches")) {
        for (std::size_t k = 0; k < branches->as_array().size(); ++k) {
          std::int64_t inner_rate = rate;
          add_chain(branches->as_array()[k].as_array(), place + "." + std::to_string(k), depth + 1,
                    input_dim, inner_rate);
        }
      }
      input_dim = layer->output_dim();
      rate *= layer->subsampling();
    }
    return input_dim;
  }

 private:
  static std::string shown(const json::value& value) {
    constexpr std::size_t kLongest = 8;
    if (!value.is_array() || value.get_array().size() <= kLongest) return json_line(value);
    return "(" + std::to_string(value.get_array().size()) + " values)";
  }

  void add_row(const json::object& description, Layer& layer, const std::string& place, int depth,
               std::int64_t rate) {
    std::int64_t parameter_count = 0;
    for (const Parameter* parameter : layer.parameters()) {
      parameter_count += parameter->value.size();
    }
    std::string options;
    json::object fields;
    for (const auto& [name, value] : description) {
      if (name == "type" || name == "layers" || name == "branches") continue;
      fields[name] = value;
      if (name == "output_dim") continue;
      options += (options.empty() ? "" : ", ") + std::string(name) + " " + shown(value);
    }
    const std::string indent(2 * static_cast<std::size_t>(depth), ' ');
    table_.rows.push_back({{indent + place, json::string(place)},
                           info_text(std::string(layer.type())),
                           {options, std::move(fields)},
                           info_count(layer.output_dim()),
                           info_count(parameter_count),
                           info_count(layer.context().left * rate),
                           info_count(layer.context().right * rate),
                           info_count(rate * layer.subsampling())});
  }

  InfoTable& table_;
  std::unique_ptr<Backend> backend_;
};

}  // namespace

InfoTable describe_layers(const json::object& network) {
  InfoTable table{.title = "layers (context and step in input frames)",
                  .name = "layers",
                  .columns = {{"place", "place", false},
                              {"type", "type", false},
                              {"options", "options", false},
                              {"output", "output_dim", true},
                              {"parameters", "parameter_count", true},
                              {"left", "left_context_frames", true},
                              {"right", "right_context_frames", true},
                              {"step", "step_frames", true}},
                  .rows = {}};
  LayerTable layers(table);
  std::int64_t rate = 1;
  const std::int64_t trunk_dim =
      layers.add_chain(network.at("trunk").as_array(), "trunk", 0,
                       network.at("input_dim").to_number<std::int64_t>(), rate);
  for (const auto& [name, head] : network.at("heads").as_object()) {
    std::int64_t head_rate = rate;
    layers.add_chain(head.as_array(), std::string(name), 0, trunk_dim, head_rate);
  }
  return table;
}

}  // namespace harpy::tools
