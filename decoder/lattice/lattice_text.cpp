#include "decoder/lattice/lattice_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "decoder/lattice/determinize.hpp"
#include "decoder/lattice/sorted_lattice.hpp"
#include "models/files/text_fields.hpp"

namespace harpy {

namespace {

constexpr std::string_view kNoWordName = "<eps>";

std::string number(double value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), value).ptr;
  return {digits.begin(), end};
}

const std::string& name_of(const SymbolTable& words, std::int32_t word) {
  static const std::string kNoWordText(kNoWordName);
  return word == 0 ? kNoWordText : words.name(word);
}

std::string id_line(std::string id) {
  std::ranges::replace_if(
      id, [](char letter) { return letter == ' ' || letter == '\t'; }, '_');
  return id + "\n";
}

std::string weight_text(const CompactLattice& lattice, const CompactWeight& weight) {
  std::string text = number(weight.graph_cost) + "," + number(weight.acoustic_cost) + ",";
  const char* separator = "";
  for (const std::int32_t label : lattice.labels(weight)) {
    text += separator + std::to_string(label);
    separator = "_";
  }
  return text;
}

/// Splits at the first separator; without one all is before it.
std::pair<std::string_view, std::string_view> split(std::string_view text, char separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

}  // namespace

std::string lattice_text(const std::string& id, const CompactLattice& lattice,
                         const SymbolTable& words) {
  std::string text = id_line(id);
  for (std::uint32_t state = 0; state < lattice.states().size(); ++state) {
    for (const CompactLatticeArc& arc : lattice.arcs_from(state)) {
      text += std::to_string(state) + " " + std::to_string(arc.target) + " " +
              name_of(words, arc.word) + " " + weight_text(lattice, arc.weight) + "\n";
    }
    const CompactWeight& final = lattice.states()[state].final;
    if (std::isinf(final.cost())) continue;
    text += std::to_string(state) + " " + weight_text(lattice, final) + "\n";
  }
  return text + "\n";
}

std::string lattice_text(const std::string& id, const Lattice& lattice, const SymbolTable& words) {
  std::string text = id_line(id);
  for (std::uint32_t state = 0; state < lattice.states().size(); ++state) {
    for (const LatticeArc& arc : lattice.arcs_from(state)) {
      text += std::to_string(state) + " " + std::to_string(arc.target) + " " +
              std::to_string(arc.input) + " " + name_of(words, arc.output) + " " +
              number(arc.graph_cost) + "," + number(arc.acoustic_cost) + "\n";
    }
    const float final_cost = lattice.states()[state].final_cost;
    if (std::isinf(final_cost)) continue;
    text += std::to_string(state) + " " + number(final_cost) + ",0\n";
  }
  return text + "\n";
}

/// A lattice while its lines are read. A raw one is read as a compact one whose arcs may have no
/// word, since its frames come from its labels.
class LatticeArchive::Draft {
 public:
  Draft(const TextLines& lines, SymbolTable& words) : lines_(lines), words_(words) {}

  void read_line() {
    const auto& fields = lines_.fields();
    const std::uint32_t source = state_of(fields[0]);
    if (arcs_.empty() && ends_.empty()) start_ = source;
    if (fields.size() <= 2) {
      ends_.push_back({source, weight_of(fields.size() == 2 ? fields[1] : "0,0,")});
      return;
    }
    const bool is_raw = fields.size() == kRawFields;
    if (fields.size() != kCompactFields && !is_raw) {
      throw lines_.error(
          "expected FROM TO WORD WEIGHT, FROM TO LABEL WORD WEIGHT or STATE WEIGHT, got " +
          std::to_string(fields.size()) + " fields");
    }
    if (arcs_.empty()) is_raw_ = is_raw;
    if (is_raw != is_raw_) throw lines_.error("a raw and a compact lattice are mixed");
    CompactLatticeArc arc{source, state_of(fields[1]), word_of(fields[is_raw ? 3 : 2]),
                          weight_of(fields.back())};
    if (is_raw) {
      if (const std::int32_t label = label_of(fields[2]); label != 0) labels_.push_back(label);
      arc.weight.labels_end = static_cast<std::uint32_t>(labels_.size());
    }
    arcs_.push_back(arc);
  }

  CompactLattice finish() {
    if (ends_.empty()) throw lines_.error("the lattice before this line has no end");
    for (CompactLatticeEnd& end : ends_) end.state = placed(end.state);
    for (CompactLatticeArc& arc : arcs_) {
      arc.source = placed(arc.source);
      arc.target = placed(arc.target);
    }
    try {
      return make_sorted(ends_, arcs_, labels_);
    } catch (const std::invalid_argument& error) {
      throw lines_.error("the lattice before this line is none: " + std::string(error.what()));
    }
  }
  bool is_raw() const { return is_raw_; }

 private:
  static constexpr std::size_t kCompactFields = 4;
  static constexpr std::size_t kRawFields = 5;

  std::uint32_t state_of(std::string_view text) const {
    const std::optional<std::int32_t> state = parse_int32(text);
    if (!state || *state < 0) {
      throw lines_.error("\"" + std::string(text) + "\" is not the number of a state");
    }
    return static_cast<std::uint32_t>(*state);
  }
  /// The state's number where the start is 0.
  std::uint32_t placed(std::uint32_t state) const {
    if (state == start_) return 0;
    return state == 0 ? start_ : state;
  }

  std::int32_t word_of(std::string_view name) {
    if (name == kNoWordName) return 0;
    const std::optional<std::int32_t> word = words_.find(name);
    return word ? *word : words_.add(name);
  }

  std::int32_t label_of(std::string_view text) const {
    const std::optional<std::int32_t> label = parse_int32(text);
    if (!label || *label < 0) {
      throw lines_.error("\"" + std::string(text) + "\" is not the number of a label");
    }
    return *label;
  }

  CompactWeight weight_of(std::string_view text) {
    const auto [graph, rest] = split(text, ',');
    const auto [acoustic, labels] = split(rest, ',');
    const std::optional<double> graph_cost = parse_double(graph);
    const std::optional<double> acoustic_cost = rest.empty() ? 0.0 : parse_double(acoustic);
    if (!graph_cost || !acoustic_cost || !std::isfinite(*graph_cost + *acoustic_cost)) {
      throw lines_.error("\"" + std::string(text) + "\" is not a weight GRAPH,ACOUSTIC,LABELS");
    }
    CompactWeight weight{*graph_cost, *acoustic_cost};
    weight.labels_begin = static_cast<std::uint32_t>(labels_.size());
    for (std::string_view left = labels; !left.empty();) {
      const auto [label, next] = split(left, '_');
      labels_.push_back(label_of(label));
      left = next;
    }
    weight.labels_end = static_cast<std::uint32_t>(labels_.size());
    return weight;
  }

  const TextLines& lines_;
  SymbolTable& words_;
  std::uint32_t start_ = 0;
  std::vector<CompactLatticeEnd> ends_;
  std::vector<CompactLatticeArc> arcs_;
  std::vector<std::int32_t> labels_;
  bool is_raw_ = false;
};

namespace {

/// A sorted lattice whose arcs have at most one label each as the raw lattice that it was read
/// from.
Lattice raw_form(const CompactLattice& lattice) {
  std::vector<LatticeState> states;
  for (const CompactLatticeState& state : lattice.states()) {
    states.push_back({.frame = state.frame, .final_cost = static_cast<float>(state.final_cost())});
  }
  std::vector<LatticeArc> arcs;
  for (const CompactLatticeArc& arc : lattice.arcs()) {
    const auto labels = lattice.labels(arc.weight);
    arcs.push_back({arc.source, arc.target, labels.empty() ? 0 : labels[0], arc.word,
                    static_cast<float>(arc.weight.graph_cost),
                    static_cast<float>(arc.weight.acoustic_cost)});
  }
  return {std::move(states), std::move(arcs)};
}

}  // namespace

LatticeArchive::LatticeArchive(TextLines lines)
    : lines_(std::move(lines)), words_(std::vector<std::string>{std::string(kNoWordName)}) {}

std::optional<ArchivedLattice> LatticeArchive::next() {
  while (lines_.fields().empty()) {
    if (!lines_.next()) return {};
  }
  if (lines_.fields().size() != 1) throw lines_.error("expected the id of an utterance");
  ArchivedLattice utterance{.id = std::string(lines_.fields()[0]), .lattice = {}, .raw = {}};
  Draft draft(lines_, words_);
  bool is_empty = true;
  bool is_complete = false;
  while (lines_.next()) {
    if (lines_.fields().empty()) {
      is_complete = true;
      break;
    }
    draft.read_line();
    is_empty = false;
  }
  if (!is_complete) throw lines_.error("the file ends within a lattice");
  if (is_empty) return utterance;
  utterance.lattice = draft.finish();
  if (draft.is_raw()) {
    utterance.raw = raw_form(utterance.lattice);
    utterance.lattice = determinize(*utterance.raw);
  }
  return utterance;
}

}  // namespace harpy
