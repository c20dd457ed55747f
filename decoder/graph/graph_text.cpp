#include "decoder/graph/graph_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <string>

#include "models/files/replacement_file.hpp"
#include "models/files/text_lines.hpp"

namespace harpy {

namespace {

std::int32_t parse_label(const TextLines& lines, std::size_t field, const char* what) {
  const std::optional<std::int32_t> value = parse_int32(lines.fields()[field]);
  if (!value || *value < 0) {
    throw lines.error("\"" + std::string(lines.fields()[field]) + "\" is not the number of " +
                      what);
  }
  return *value;
}

float parse_cost(const TextLines& lines, std::size_t field) {
  if (field >= lines.fields().size()) return 0.0F;
  const std::optional<float> cost = parse_float(lines.fields()[field]);
  if (!cost || *cost == -kInfiniteCost) {
    throw lines.error("\"" + std::string(lines.fields()[field]) + "\" is not a cost");
  }
  return *cost;
}

void append_cost(std::string& text, float cost) {
  if (cost == kInfiniteCost) {
    text += " Infinity";
    return;
  }
  std::array<char, 32> digits{};
  const auto [end, error] = std::to_chars(digits.begin(), digits.end(), cost);
  text += ' ';
  text.append(digits.begin(), end);
}

void append_state(std::string& text, const GraphView& graph, std::int32_t state) {
  const std::string name = std::to_string(state);
  for (std::uint32_t i = graph.arc_begin[state]; i < graph.arc_begin[state + 1]; ++i) {
    const Arc& arc = graph.arcs[i];
    text += name + ' ' + std::to_string(arc.target) + ' ' + std::to_string(arc.input) + ' ' +
            std::to_string(arc.output);
    append_cost(text, arc.cost);
    text += '\n';
  }
  const float final_cost = graph.final_cost[state];
  if (final_cost == kInfiniteCost && graph.arc_begin[state] < graph.arc_begin[state + 1]) return;
  text += name;
  append_cost(text, final_cost);
  text += '\n';
}

}  // namespace

GraphDescription read_graph_text(const std::filesystem::path& path, std::int32_t pdf_count) {
  GraphDescription graph;
  struct Final {
    std::int32_t state;
    float cost;
  };
  std::vector<Final> finals;
  std::int32_t highest_state = -1;
  TextLines lines(path);
  while (lines.next()) {
    const std::size_t field_count = lines.fields().size();
    if (field_count == 0) continue;
    const std::int32_t source = parse_label(lines, 0, "a state");
    if (highest_state < 0) graph.start = source;
    highest_state = std::max(highest_state, source);
    if (field_count <= 2) {
      finals.push_back({source, parse_cost(lines, 1)});
      continue;
    }
    if (field_count != 4 && field_count != 5) {
      throw lines.error("expected FROM TO INPUT OUTPUT [COST] or STATE [COST], got " +
                        std::to_string(field_count) + " fields");
    }
    const Arc arc{.target = parse_label(lines, 1, "a state"),
                  .input = parse_label(lines, 2, "a label"),
                  .output = parse_label(lines, 3, "a label"),
                  .cost = parse_cost(lines, 4)};
    if (pdf_count > 0 && arc.input > pdf_count) {
      throw lines.error("input label " + std::to_string(arc.input) + " is beyond " +
                        std::to_string(pdf_count) + " pdfs");
    }
    highest_state = std::max(highest_state, arc.target);
    graph.pdf_count = std::max(graph.pdf_count, arc.input);
    graph.arcs.push_back({source, arc});
  }
  if (highest_state < 0) throw std::runtime_error(path.string() + ": holds no graph");
  // Numbers without gaps keep a wrong one from costing memory beyond the size of the file.
  if (static_cast<std::size_t>(highest_state) >= 2 * graph.arcs.size() + finals.size()) {
    throw std::runtime_error(path.string() + ": state " + std::to_string(highest_state) +
                             " is met, though its lines name fewer states");
  }
  if (pdf_count > 0) graph.pdf_count = pdf_count;
  graph.final_costs.assign(static_cast<std::size_t>(highest_state) + 1, kInfiniteCost);
  for (const Final& final : finals)
    graph.final_costs[static_cast<std::size_t>(final.state)] = final.cost;
  return graph;
}

void write_graph_text(const std::filesystem::path& path, const GraphView& graph) {
  std::string text;
  append_state(text, graph, graph.start);
  for (std::int32_t state = 0; state < graph.state_count; ++state) {
    if (state != graph.start) append_state(text, graph, state);
  }
  replace_file(path, text);
}

}  // namespace harpy
