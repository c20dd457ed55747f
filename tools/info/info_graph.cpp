#include "tools/info/info_graph.hpp"

#include <algorithm>
#include <span>
#include <string>

#include "decoder/graph/graph_file.hpp"
#include "decoder/graph/graph_sections.hpp"
#include "service/recognizer/model_description.hpp"

namespace harpy::tools {

namespace {

constexpr std::int32_t kNamesShown = 50;

void describe_arcs(const GraphView& graph, InfoReport& report) {
  std::int64_t epsilon_count = 0;
  std::int64_t word_count = 0;
  std::int64_t most_arcs = 0;
  for (std::int32_t state = 0; state < graph.state_count; ++state) {
    epsilon_count += graph.arc_begin[state + 1] - graph.epsilon_begin[state];
    most_arcs =
        std::max<std::int64_t>(most_arcs, graph.arc_begin[state + 1] - graph.arc_begin[state]);
  }
  for (const Arc& arc : std::span(graph.arcs, graph.arc_count())) {
    word_count += arc.output != 0 ? 1 : 0;
  }
  const std::span<const float> final_costs(graph.final_cost,
                                           static_cast<std::size_t>(graph.state_count));
  const std::int64_t final_count = std::count_if(final_costs.begin(), final_costs.end(),
                                                 [](float cost) { return cost < kInfiniteCost; });
  const std::int64_t arc_count = graph.arc_count();
  const auto add = [&](const char* label, const char* name, std::int64_t count) {
    report.facts.push_back({label, name, info_count(count)});
  };
  add("states", "state_count", graph.state_count);
  add("final states", "final_state_count", final_count);
  add("arcs", "arc_count", arc_count);
  add("emitting arcs", "emitting_arc_count", arc_count - epsilon_count);
  add("epsilon arcs", "epsilon_arc_count", epsilon_count);
  add("arcs with a word", "word_arc_count", word_count);
  add("most arcs of a state", "most_arcs_of_a_state", most_arcs);
  add("epsilon levels", "epsilon_level_count", graph.epsilon_level_count);
  add("pdfs", "pdf_count", graph.pdf_count);
}

InfoValue names_value(const SymbolTable& symbols) {
  InfoValue value{"", boost::json::array(symbols.names().begin(), symbols.names().end())};
  for (std::int32_t id = 0; id < std::min(symbols.size(), kNamesShown); ++id) {
    value.text += (id > 0 ? " " : "") + symbols.name(id);
  }
  if (symbols.size() > kNamesShown) value.text += " ...";
  return value;
}

void describe_tables(const GraphPackage& package, InfoReport& report) {
  const FrameLabels& frames = package.frame_labels;
  report.facts.push_back(
      {"topology", "topology",
       info_text(frames.listed.empty() ? std::string(topology_name(frames.topology)) : "listed")});
  const auto pronunciation_count =
      static_cast<std::int64_t>(package.pronunciations.word_begin().back());
  report.facts.push_back({"words", "word_count", info_count(package.words.size() - 1)});
  report.facts.push_back(
      {"pronunciations", "pronunciation_count", info_count(pronunciation_count)});
  report.facts.push_back({"labels", "label_count", info_count(package.labels.size())});
  report.facts.push_back({"", "labels", names_value(package.labels)});
  report.facts.push_back({"silence", "silence",
                          frames.silence_label == 0
                              ? InfoValue{"none", nullptr}
                              : info_text(package.labels.name(frames.silence_label))});
}

}  // namespace

InfoReport describe_graph(const std::filesystem::path& path) {
  InfoReport report{.subject = path.string(), .kind = "graph", .facts = {}, .tables = {}};
  add_file_facts(path, report);
  if (SectionFile(path, kGraphFormat).contains(GraphSection::kWords)) {
    const GraphPackage package = map_graph_package(path);
    describe_tables(package, report);
    describe_arcs(package.graph.view(), report);
  } else {
    describe_arcs(DecodingGraph::map(path).view(), report);
  }
  return report;
}

}  // namespace harpy::tools
