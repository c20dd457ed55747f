#include "decoder/graph/openfst_file.hpp"

#include <algorithm>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decoder/graph/openfst_ngram.hpp"
#include "decoder/graph/openfst_reader.hpp"
#include "models/files/escaped_text.hpp"
#include "models/files/replacement_file.hpp"

namespace harpy {

namespace {

// The format is that of OpenFst 1.7: fst/fst.h, fst/const-fst.h, fst/vector-fst.h,
// fst/add-on.h, fst/symbol-table.h.
constexpr std::int32_t kFstMagic = 2125659606;
constexpr std::int32_t kSymbolsMagic = 2125658996;
constexpr std::int32_t kAddOnMagic = 446681434;
constexpr std::int32_t kVectorVersion = 2;
constexpr std::int32_t kAlignedConstVersion = 1;
constexpr std::size_t kFstAlignment = 16;
constexpr std::int32_t kHasInputSymbols = 1;
constexpr std::int32_t kHasOutputSymbols = 2;
constexpr std::int32_t kIsAligned = 4;
constexpr std::uint64_t kExpandedAndMutable = 3;
constexpr std::string_view kArcType = "standard";
constexpr std::string_view kVector = "vector";
constexpr std::string_view kConst = "const";
constexpr std::string_view kNgram = "ngram";
constexpr std::string_view kLookAhead = "olabel_lookahead";

struct FileArc {
  std::int32_t input;
  std::int32_t output;
  float cost;
  std::int32_t target;
};
static_assert(sizeof(FileArc) == 16);

struct ConstState {
  float final_cost;
  std::uint32_t first_arc;
  std::uint32_t arc_count;
  std::uint32_t input_epsilon_count;
  std::uint32_t output_epsilon_count;
};
static_assert(sizeof(ConstState) == 20);

struct Header {
  std::string type;
  std::int32_t version = 0;
  std::int32_t flags = 0;
  std::int64_t start = 0;
  std::int64_t state_count = 0;
  std::int64_t arc_count = 0;
  LabelNames inputs;
  LabelNames outputs;
};

LabelNames read_symbols(OpenFstReader& reader) {
  if (reader.read<std::int32_t>() != kSymbolsMagic) throw reader.failure("not a symbol table");
  reader.read_text();
  reader.skip(sizeof(std::int64_t));  // next free number
  const auto listed = reader.read<std::int64_t>();
  const std::size_t count = reader.check_count(listed, sizeof(std::int32_t) + sizeof(std::int64_t));
  LabelNames names;
  for (std::size_t i = 0; i < count; ++i) {
    std::string name = reader.read_text();
    const auto number = reader.read<std::int64_t>();
    if (number < 0 || number > std::numeric_limits<std::int32_t>::max()) continue;  // no label
    names.emplace(static_cast<std::int32_t>(number), std::move(name));
  }
  return names;
}

Header read_header(OpenFstReader& reader) {
  if (reader.read<std::int32_t>() != kFstMagic) throw reader.failure("not an OpenFst file");
  Header header;
  header.type = reader.read_text();
  const auto known = {kVector, kConst, kNgram, kLookAhead};
  if (std::ranges::find(known, header.type) == known.end()) {
    throw reader.failure("a graph of type \"" + escape_for_line(header.type) +
                         "\", expected vector, const, ngram or olabel_lookahead");
  }
  if (const std::string arc_type = reader.read_text(); arc_type != kArcType) {
    throw reader.failure("arcs of type \"" + escape_for_line(arc_type) + "\", expected standard");
  }
  header.version = reader.read<std::int32_t>();
  header.flags = reader.read<std::int32_t>();
  reader.skip(sizeof(std::uint64_t));  // properties
  header.start = reader.read<std::int64_t>();
  header.state_count = reader.read<std::int64_t>();
  header.arc_count = reader.read<std::int64_t>();
  if ((header.flags & kHasInputSymbols) != 0) header.inputs = read_symbols(reader);
  if ((header.flags & kHasOutputSymbols) != 0) header.outputs = read_symbols(reader);
  return header;
}

void add_state(GraphDescription& graph, const OpenFstReader& reader, float final_cost) {
  if (!(final_cost > -kInfiniteCost)) throw reader.failure("a final cost that is none");
  graph.final_costs.push_back(final_cost);
}

void add_arc(GraphDescription& graph, OpenFstReader& reader, std::size_t source) {
  const auto arc = reader.read<FileArc>();
  if (arc.target < 0 || arc.input < 0 || arc.output < 0 || !(arc.cost > -kInfiniteCost)) {
    throw reader.failure("an arc with a negative number or a cost that is none");
  }
  graph.pdf_count = std::max(graph.pdf_count, arc.input);
  graph.arcs.push_back(
      {static_cast<std::int32_t>(source),
       {.target = arc.target, .input = arc.input, .output = arc.output, .cost = arc.cost}});
}

void read_vector_states(GraphDescription& graph, OpenFstReader& reader) {
  while (!reader.at_end()) {
    const std::size_t state = graph.final_costs.size();
    add_state(graph, reader, reader.read<float>());
    const auto listed = reader.read<std::int64_t>();
    const std::size_t arc_count = reader.check_count(listed, sizeof(FileArc));
    for (std::size_t i = 0; i < arc_count; ++i) add_arc(graph, reader, state);
  }
}

void read_const_states(GraphDescription& graph, OpenFstReader& reader, const Header& header) {
  const bool aligned = header.version == kAlignedConstVersion || (header.flags & kIsAligned) != 0;
  if (aligned) reader.align(kFstAlignment);
  const std::size_t state_count = reader.check_count(header.state_count, sizeof(ConstState));
  std::vector<std::uint32_t> arc_counts;
  std::uint64_t arc_total = 0;
  for (std::size_t i = 0; i < state_count; ++i) {
    const auto state = reader.read<ConstState>();
    add_state(graph, reader, state.final_cost);
    if (state.first_arc != arc_total) throw reader.failure("arcs that do not follow each other");
    arc_counts.push_back(state.arc_count);
    arc_total += state.arc_count;
  }
  if (aligned) reader.align(kFstAlignment);
  reader.check_count(static_cast<std::int64_t>(arc_total), sizeof(FileArc));
  for (std::size_t state = 0; state < state_count; ++state) {
    for (std::uint32_t i = 0; i < arc_counts[state]; ++i) add_arc(graph, reader, state);
  }
}

template <typename T>
void append(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

void append_text(std::string& bytes, std::string_view text) {
  append(bytes, static_cast<std::int32_t>(text.size()));
  bytes += text;
}

}  // namespace

GraphDescription read_openfst(const std::filesystem::path& path, std::int32_t pdf_count) {
  OpenFstReader reader(path);
  Header header = read_header(reader);
  // Behind the graph inside such a file stands which labels each state leads to, which is found
  // anew.
  const bool has_add_on = header.type == kLookAhead;
  if (has_add_on) {
    if (reader.read<std::int32_t>() != kAddOnMagic) throw reader.failure("not an add-on's graph");
    header = read_header(reader);
    if (header.type != kConst) throw reader.failure("expected a graph of type const inside");
  }
  GraphDescription graph;
  if (header.type == kConst) {
    read_const_states(graph, reader, header);
  } else if (header.type == kNgram) {
    graph = read_openfst_ngrams(reader);
  } else {
    read_vector_states(graph, reader);
  }
  if (!has_add_on && !reader.at_end()) throw reader.failure("something follows the arcs");
  const auto state_count = static_cast<std::int64_t>(graph.final_costs.size());
  if (header.state_count >= 0 && header.state_count != state_count) {
    throw reader.failure("the file holds " + std::to_string(state_count) + " states, expected " +
                         std::to_string(header.state_count));
  }
  if (header.start < 0 || header.start >= state_count) {
    throw reader.failure("start state " + std::to_string(header.start) + " of " +
                         std::to_string(state_count));
  }
  for (const SourcedArc& arc : graph.arcs) {
    if (arc.arc.target >= state_count) {
      throw reader.failure("an arc leads to state " + std::to_string(arc.arc.target) + " of " +
                           std::to_string(state_count));
    }
  }
  if (pdf_count > 0 && pdf_count < graph.pdf_count) {
    throw reader.failure("input label " + std::to_string(graph.pdf_count) + " is beyond " +
                         std::to_string(pdf_count) + " pdfs");
  }
  graph.start = static_cast<std::int32_t>(header.start);
  if (pdf_count > 0) graph.pdf_count = pdf_count;
  return graph;
}

LabelNames read_openfst_outputs(const std::filesystem::path& path) {
  OpenFstReader reader(path);
  Header header = read_header(reader);
  const bool is_acceptor = header.type == kNgram;
  return is_acceptor && header.outputs.empty() ? std::move(header.inputs)
                                               : std::move(header.outputs);
}

void write_openfst(const std::filesystem::path& path, const GraphView& graph) {
  std::string bytes;
  append(bytes, kFstMagic);
  append_text(bytes, kVector);
  append_text(bytes, kArcType);
  append(bytes, kVectorVersion);
  append(bytes, std::int32_t{0});  // flags
  append(bytes, kExpandedAndMutable);
  append(bytes, std::int64_t{graph.start});
  append(bytes, std::int64_t{graph.state_count});
  append(bytes, std::int64_t{graph.arc_count()});
  for (std::int32_t state = 0; state < graph.state_count; ++state) {
    const std::span<const Arc> arcs(graph.arcs + graph.arc_begin[state],
                                    graph.arcs + graph.arc_begin[state + 1]);
    append(bytes, graph.final_cost[state]);
    append(bytes, static_cast<std::int64_t>(arcs.size()));
    for (const Arc& arc : arcs) {
      append(bytes,
             FileArc{
                 .input = arc.input, .output = arc.output, .cost = arc.cost, .target = arc.target});
    }
  }
  replace_file(path, bytes);
}

}  // namespace harpy
