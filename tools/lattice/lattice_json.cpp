#include "tools/lattice/lattice_json.hpp"

#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "decoder/lattice/sorted_lattice.hpp"

namespace harpy::tools {

namespace json = boost::json;

namespace {

void add_weight(json::object& object, const CompactLattice& lattice, const CompactWeight& weight) {
  object["graph_cost"] = weight.graph_cost;
  object["acoustic_cost"] = weight.acoustic_cost;
  const auto labels = lattice.labels(weight);
  object["labels"] = json::array(labels.begin(), labels.end());
}

/// Reads the parts of a lattice's JSON form.
class LatticeParser {
 public:
  explicit LatticeParser(SymbolTable& words) : words_(words) {}

  CompactLattice parse(const json::object& object) {
    for (const json::value& item : array_of(object, "arcs")) {
      const json::object& arc = object_of(item);
      arcs_.push_back({state_of(arc, "from"), state_of(arc, "to"), word_of(arc), weight_of(arc)});
    }
    std::vector<CompactLatticeEnd> ends;
    for (const json::value& item : array_of(object, "ends")) {
      const json::object& end = object_of(item);
      ends.push_back({state_of(end, "state"), weight_of(end)});
    }
    if (ends.empty()) {
      if (!arcs_.empty()) throw std::runtime_error("the lattice has no end");
      return {};
    }
    try {
      return make_sorted(ends, arcs_, labels_);
    } catch (const std::invalid_argument& error) {
      throw std::runtime_error(error.what());
    }
  }

 private:
  static const json::value& field(const json::object& object, std::string_view name) {
    const json::value* const found = object.if_contains(name);
    if (found == nullptr) {
      throw std::runtime_error("field \"" + std::string(name) + "\" is missing");
    }
    return *found;
  }
  static const json::array& array_of(const json::object& object, std::string_view name) {
    const json::value& found = field(object, name);
    if (!found.is_array()) {
      throw std::runtime_error("field \"" + std::string(name) + "\" must be an array");
    }
    return found.get_array();
  }
  static const json::object& object_of(const json::value& value) {
    if (!value.is_object()) throw std::runtime_error("arcs and ends must be objects");
    return value.get_object();
  }

  static std::uint32_t state_of(const json::object& object, std::string_view name) {
    return number_of(field(object, name), name);
  }
  static std::uint32_t number_of(const json::value& value, std::string_view name) {
    const std::int64_t* const number = value.if_int64();
    if (number == nullptr || *number < 0 || *number > INT32_MAX) {
      throw std::runtime_error("field \"" + std::string(name) +
                               "\" must hold whole numbers of at least 0");
    }
    return static_cast<std::uint32_t>(*number);
  }
  std::int32_t word_of(const json::object& object) {
    const json::value& found = field(object, "word");
    if (!found.is_string()) throw std::runtime_error("field \"word\" must be text");
    const std::string name(found.get_string());
    const std::optional<std::int32_t> word = words_.find(name);
    if (word) return *word;
    try {
      return words_.add(name);
    } catch (const std::invalid_argument& error) {
      throw std::runtime_error("field \"word\": " + std::string(error.what()));
    }
  }
  static double cost_of(const json::object& object, std::string_view name) {
    const json::value& found = field(object, name);
    if (!found.is_number() || !std::isfinite(found.to_number<double>())) {
      throw std::runtime_error("field \"" + std::string(name) + "\" must be a number");
    }
    return found.to_number<double>();
  }
  CompactWeight weight_of(const json::object& object) {
    CompactWeight weight{cost_of(object, "graph_cost"), cost_of(object, "acoustic_cost")};
    weight.labels_begin = static_cast<std::uint32_t>(labels_.size());
    for (const json::value& label : array_of(object, "labels")) {
      labels_.push_back(static_cast<std::int32_t>(number_of(label, "labels")));
    }
    weight.labels_end = static_cast<std::uint32_t>(labels_.size());
    return weight;
  }

  SymbolTable& words_;
  std::vector<CompactLatticeArc> arcs_;
  std::vector<std::int32_t> labels_;
};

}  // namespace

json::object lattice_json(const std::string& id, const CompactLattice& lattice,
                          const SymbolTable& words) {
  json::array arcs;
  for (const CompactLatticeArc& arc : lattice.arcs()) {
    json::object object{{"from", arc.source}, {"to", arc.target}, {"word", words.name(arc.word)}};
    add_weight(object, lattice, arc.weight);
    arcs.push_back(std::move(object));
  }
  json::array ends;
  for (std::uint32_t state = 0; state < lattice.states().size(); ++state) {
    const CompactWeight& final = lattice.states()[state].final;
    if (std::isinf(final.cost())) continue;
    json::object object{{"state", state}};
    add_weight(object, lattice, final);
    ends.push_back(std::move(object));
  }
  return {{"id", id}, {"arcs", std::move(arcs)}, {"ends", std::move(ends)}};
}

CompactLattice lattice_of_json(const json::value& value, SymbolTable& words) {
  if (!value.is_object()) throw std::runtime_error("expected a JSON object");
  return LatticeParser(words).parse(value.get_object());
}

}  // namespace harpy::tools
