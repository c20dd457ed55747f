#include "decoder/graph/graph_file.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "decoder/graph/graph_sections.hpp"

namespace harpy {

namespace {

struct GraphHeader {
  std::int32_t state_count = 0;
  std::int32_t start = 0;
  std::int32_t pdf_count = 0;
  std::int32_t epsilon_level_count = 0;
  Topology topology = Topology::kCtc;
};

GraphHeader header_of(const GraphView& graph, Topology topology) {
  return {.state_count = graph.state_count,
          .start = graph.start,
          .pdf_count = graph.pdf_count,
          .epsilon_level_count = graph.epsilon_level_count,
          .topology = topology};
}

std::vector<Section> graph_sections(const GraphView& graph, const GraphHeader& header) {
  const auto states = static_cast<std::size_t>(graph.state_count);
  return {
      section_of(GraphSection::kHeader, std::span(&header, 1)),
      section_of(GraphSection::kArcBegin, std::span(graph.arc_begin, states + 1)),
      section_of(GraphSection::kEpsilonBegin, std::span(graph.epsilon_begin, states)),
      section_of(GraphSection::kEpsilonLevel, std::span(graph.epsilon_level, states)),
      section_of(GraphSection::kFinalCost, std::span(graph.final_cost, states)),
      section_of(GraphSection::kArcs, std::span(graph.arcs, graph.arc_count())),
  };
}

std::string join_lines(const SymbolTable& symbols) {
  std::string text;
  for (const std::string& name : symbols.names()) text += name + "\n";
  return text;
}

SymbolTable read_symbols(const SectionFile& file, SectionKind kind) {
  const std::span<const char> bytes = file.section<char>(kind);
  if (!bytes.empty() && bytes.back() != '\n') throw file.failure(kind, "does not end in a line");
  std::vector<std::string> names;
  for (auto begin = bytes.begin(); begin != bytes.end();) {
    const auto end = std::find(begin, bytes.end(), '\n');
    names.emplace_back(begin, end);
    begin = end + 1;
  }
  try {
    SymbolTable symbols(names);
    return symbols;
  } catch (const std::invalid_argument& error) {
    throw file.failure(kind, error.what());
  }
}

template <typename T>
std::vector<T> copy_section(const SectionFile& file, SectionKind kind) {
  const std::span<const T> values = file.section<T>(kind);
  return {values.begin(), values.end()};
}

PronunciationTable read_pronunciations(const SectionFile& file) {
  try {
    return {copy_section<std::uint32_t>(file, GraphSection::kPronunciationBegin),
            copy_section<std::uint32_t>(file, GraphSection::kPronunciationLabelBegin),
            copy_section<std::int32_t>(file, GraphSection::kPronunciationLabels)};
  } catch (const std::invalid_argument& error) {
    throw file.failure(GraphSection::kPronunciationBegin, error.what());
  }
}

GraphHeader read_header(const SectionFile& file) {
  const auto headers = file.section<GraphHeader>(GraphSection::kHeader);
  if (headers.size() != 1) throw file.failure(GraphSection::kHeader, "has a wrong size");
  if (headers[0].state_count < 1) {
    throw file.failure(GraphSection::kHeader,
                       "state count " + std::to_string(headers[0].state_count));
  }
  if (headers[0].topology > Topology::kThreeState) {
    throw file.failure(GraphSection::kHeader, "unknown topology");
  }
  return headers[0];
}

std::int32_t read_silence_label(const SectionFile& file) {
  if (!file.contains(GraphSection::kSilenceLabel)) return 0;
  const auto labels = file.section<std::int32_t>(GraphSection::kSilenceLabel);
  if (labels.size() != 1) throw file.failure(GraphSection::kSilenceLabel, "has a wrong size");
  return labels[0];
}

LabelContexts read_contexts(const SectionFile& file, const SymbolTable& labels) {
  try {
    return LabelContexts::from_names(labels.names());
  } catch (const std::invalid_argument& error) {
    throw file.failure(GraphSection::kLabels, error.what());
  }
}

/// The same of a package whose inputs are listed.
std::string find_listed_defect(const GraphPackage& package) {
  const std::vector<ListedInput>& listed = package.frame_labels.listed;
  if (std::ssize(listed) != package.graph.view().pdf_count) {
    return std::to_string(listed.size()) + " listed inputs for " +
           std::to_string(package.graph.view().pdf_count) + " pdfs";
  }
  const std::int32_t label_count = package.labels.size();
  if (std::any_of(listed.begin(), listed.end(), [&](const ListedInput& input) {
        return input.label < 0 || input.label >= label_count;
      })) {
    return "an input has a label that is not there";
  }
  const auto is_label = [&](std::int32_t label) { return label > 0 && label < label_count; };
  const auto is_input = [&](std::int32_t input) {
    return input >= 0 && input <= std::ssize(listed);
  };
  const std::vector<LabelInputs>& inputs = package.frame_labels.label_inputs;
  if (!std::ranges::all_of(inputs, [&](const LabelInputs& entry) {
        return entry.before >= LabelInputs::kAnywhere && entry.before < label_count &&
               is_label(entry.label) && entry.first > 0 && is_input(entry.first) &&
               is_input(entry.loop);
      })) {
    return "inputs of a label that are not there";
  }
  if (!std::ranges::is_sorted(inputs, {}, [](const LabelInputs& entry) {
        return std::pair(entry.before, entry.label);
      })) {
    return "inputs of labels in no order";
  }
  if (package.pronunciations.word_count() != package.words.size() ||
      !std::ranges::all_of(package.pronunciations.labels(), is_label) ||
      (inputs.empty() && !package.pronunciations.labels().empty())) {
    return "pronunciations that do not fit the listed inputs";
  }
  const std::int32_t silence = package.frame_labels.silence_label;
  return silence == 0 || is_label(silence) ? "" : "silence is no label";
}

/// What does not fit together in a package, or an empty text.
std::string find_package_defect(const GraphPackage& package) {
  const GraphView& graph = package.graph.view();
  const std::span<const Arc> arcs(graph.arcs, graph.arc_count());
  const std::int32_t word_count = package.words.size();
  if (std::any_of(arcs.begin(), arcs.end(),
                  [word_count](const Arc& arc) { return arc.output >= word_count; })) {
    return "an arc's output label is not one of the " + std::to_string(word_count) + " words";
  }
  const FrameLabels& frame_labels = package.frame_labels;
  if (!frame_labels.listed.empty()) return find_listed_defect(package);
  if (package.labels.size() * pdfs_per_label(frame_labels.topology) != graph.pdf_count) {
    return std::to_string(package.labels.size()) + " labels for " +
           std::to_string(graph.pdf_count) + " pdfs of the topology " +
           std::string(topology_name(frame_labels.topology));
  }
  const std::int32_t label_count = frame_labels.contexts.label_count(package.labels.size());
  if (frame_labels.silence_label < 0 || frame_labels.silence_label >= label_count) {
    return "silence is no label";
  }
  if (package.pronunciations.word_count() != word_count) {
    return "pronunciations of " + std::to_string(package.pronunciations.word_count()) + " words, " +
           std::to_string(word_count) + " words";
  }
  const std::vector<std::int32_t>& labels = package.pronunciations.labels();
  if (std::any_of(labels.begin(), labels.end(),
                  [&](std::int32_t label) { return label < 0 || label >= label_count; })) {
    return "a pronunciation has a label that is not there";
  }
  return {};
}

}  // namespace

void write_graph(const std::filesystem::path& path, const GraphView& graph) {
  const GraphHeader header = header_of(graph, Topology::kCtc);
  write_section_file(path, kGraphFormat, graph_sections(graph, header));
}

void write_graph_package(const std::filesystem::path& path, const GraphPackage& package) {
  if (const std::string defect = find_package_defect(package); !defect.empty()) {
    throw std::invalid_argument("graph package: " + defect);
  }
  const GraphHeader header = header_of(package.graph.view(), package.frame_labels.topology);
  std::vector<Section> sections = graph_sections(package.graph.view(), header);
  const std::string words = join_lines(package.words);
  const std::string labels = join_lines(package.labels);
  const PronunciationTable& pronunciations = package.pronunciations;
  sections.push_back(section_of(GraphSection::kWords, std::span<const char>(words)));
  sections.push_back(section_of(GraphSection::kLabels, std::span<const char>(labels)));
  sections.push_back(section_of(GraphSection::kPronunciationBegin, pronunciations.word_begin()));
  sections.push_back(
      section_of(GraphSection::kPronunciationLabelBegin, pronunciations.label_begin()));
  sections.push_back(section_of(GraphSection::kPronunciationLabels, pronunciations.labels()));
  if (const std::int32_t& silence = package.frame_labels.silence_label; silence != 0) {
    sections.push_back(section_of(GraphSection::kSilenceLabel, std::span(&silence, 1)));
  }
  if (!package.frame_labels.listed.empty()) {
    sections.push_back(section_of(GraphSection::kListedInputs, package.frame_labels.listed));
  }
  if (!package.frame_labels.label_inputs.empty()) {
    sections.push_back(section_of(GraphSection::kLabelInputs, package.frame_labels.label_inputs));
  }
  write_section_file(path, kGraphFormat, sections);
}

DecodingGraph read_graph(const SectionFile& file) {
  const GraphHeader header = read_header(file);
  const auto states = static_cast<std::size_t>(header.state_count);
  const auto arc_begin = file.section<std::uint32_t>(GraphSection::kArcBegin);
  const auto epsilon_begin = file.section<std::uint32_t>(GraphSection::kEpsilonBegin);
  const auto epsilon_level = file.section<std::uint8_t>(GraphSection::kEpsilonLevel);
  const auto final_cost = file.section<float>(GraphSection::kFinalCost);
  const auto arcs = file.section<Arc>(GraphSection::kArcs);
  const auto check = [&](bool good, SectionKind kind) {
    if (!good) throw file.failure(kind, "has a wrong size");
  };
  check(arc_begin.size() == states + 1, GraphSection::kArcBegin);
  check(epsilon_begin.size() == states, GraphSection::kEpsilonBegin);
  check(epsilon_level.size() == states, GraphSection::kEpsilonLevel);
  check(final_cost.size() == states, GraphSection::kFinalCost);
  check(arc_begin.back() == arcs.size(), GraphSection::kArcs);
  const GraphView view{.state_count = header.state_count,
                       .start = header.start,
                       .pdf_count = header.pdf_count,
                       .epsilon_level_count = header.epsilon_level_count,
                       .arc_begin = arc_begin.data(),
                       .epsilon_begin = epsilon_begin.data(),
                       .epsilon_level = epsilon_level.data(),
                       .final_cost = final_cost.data(),
                       .arcs = arcs.data()};
  try {
    return {view, file.mapping()};
  } catch (const std::invalid_argument& error) {
    throw file.failure(GraphSection::kHeader, error.what());
  }
}

GraphPackage map_graph_package(const std::filesystem::path& path, FileMemory memory) {
  const SectionFile file(path, kGraphFormat, memory);
  GraphPackage package{.graph = read_graph(file),
                       .frame_labels = {.topology = read_header(file).topology,
                                        .silence_label = read_silence_label(file)},
                       .words = read_symbols(file, GraphSection::kWords),
                       .labels = read_symbols(file, GraphSection::kLabels),
                       .pronunciations = read_pronunciations(file)};
  if (file.contains(GraphSection::kListedInputs)) {
    package.frame_labels.listed = copy_section<ListedInput>(file, GraphSection::kListedInputs);
    if (file.contains(GraphSection::kLabelInputs)) {
      package.frame_labels.label_inputs =
          copy_section<LabelInputs>(file, GraphSection::kLabelInputs);
    }
  } else {
    package.frame_labels.contexts = read_contexts(file, package.labels);
  }
  if (const std::string defect = find_package_defect(package); !defect.empty()) {
    throw std::runtime_error(path.string() + ": " + defect);
  }
  return package;
}

}  // namespace harpy
