#include "kaldi/graph_composition.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decoder/graph/compiler/lookahead_composition.hpp"
#include "decoder/graph/compiler/weight_pushing.hpp"
#include "decoder/graph/openfst_file.hpp"
#include "models/files/text_fields.hpp"
#include "models/files/text_lines.hpp"

namespace harpy::kaldi {

namespace {

std::set<std::int32_t> read_disambiguation(const std::filesystem::path& path) {
  std::set<std::int32_t> labels;
  TextLines lines(path);
  while (lines.next()) {
    for (const std::string_view field : lines.fields()) {
      const std::optional<std::int32_t> label = parse_int32(field);
      if (!label || *label < 1) throw lines.error("expected numbers of labels");
      labels.insert(*label);
    }
  }
  return labels;
}

/// Where costs need not be known any earlier: behind each word, at the start and where paths end.
std::vector<bool> find_word_ends(const GraphDescription& graph) {
  std::vector<bool> ends(graph.final_costs.size());
  for (const SourcedArc& arc : graph.arcs) {
    if (arc.arc.output != 0) ends[static_cast<std::size_t>(arc.arc.target)] = true;
  }
  for (std::size_t state = 0; state < ends.size(); ++state) {
    if (graph.final_costs[state] != kInfiniteCost) ends[state] = true;
  }
  ends[static_cast<std::size_t>(graph.start)] = true;
  return ends;
}

}  // namespace

GraphParts read_graph_parts(const ModelFolder& files) {
  GraphParts parts{.lexicon = read_openfst(files.lexicon_graph),
                   .grammar = read_openfst(files.grammar_graph)};
  const std::set<std::int32_t> disambiguation = read_disambiguation(files.disambiguation);
  for (SourcedArc& arc : parts.lexicon.arcs) {
    if (disambiguation.contains(arc.arc.input)) arc.arc.input = 0;
  }
  return parts;
}

GraphDescription compose_graph(const GraphParts& parts, const ModelFolder& files,
                               std::size_t most_arcs) {
  try {
    GraphDescription graph = compose_with_lookahead(parts.lexicon, parts.grammar, most_arcs).graph;
    push_word_costs(graph, find_word_ends(graph));
    return graph;
  } catch (const std::length_error& error) {
    throw std::runtime_error(files.lexicon_graph.string() + ": composed with " +
                             files.grammar_graph.filename().string() + " it would have " +
                             error.what());
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(files.lexicon_graph.string() + ": composed with " +
                             files.grammar_graph.filename().string() + ": " + error.what());
  }
}

}  // namespace harpy::kaldi
