#include "decoder/graph/added_words.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

namespace harpy {

/// A node of the words' prefix tree.
struct AddedWordNode {
  std::map<std::int32_t, std::size_t> children;                ///< by label
  std::vector<std::pair<std::int32_t, std::int32_t>> endings;  ///< last labels and words
  std::set<std::int32_t> words;                                ///< that lead through it
};

namespace {

std::vector<AddedWordNode> make_tree(std::span<const AddedWord> words, std::int32_t pdf_count) {
  std::vector<AddedWordNode> tree(1);
  for (const AddedWord& word : words) {
    if (word.pronunciations.empty()) throw std::invalid_argument("a word without pronunciations");
    for (const std::vector<std::int32_t>& labels : word.pronunciations) {
      if (labels.empty() || std::ranges::min(labels) < 1 || std::ranges::max(labels) >= pdf_count) {
        throw std::invalid_argument("a pronunciation that is empty or has labels the graph lacks");
      }
      std::size_t node = 0;
      tree[node].words.insert(word.output);
      for (std::size_t i = 0; i + 1 < labels.size(); ++i) {
        const auto [place, is_new] = tree[node].children.try_emplace(labels[i], tree.size());
        node = place->second;
        if (is_new) tree.emplace_back();
        tree[node].words.insert(word.output);
      }
      tree[node].endings.emplace_back(labels.back(), word.output);
    }
  }
  return tree;
}

}  // namespace

/// Lays the words out. Node n of the tree, the root apart, has two states: behind its label, and
/// behind a blank after that.
class AddedWordsBuilder {
 public:
  AddedWordsBuilder(AddedWords& added, const WordBoundary& boundary,
                    std::vector<AddedWordNode> tree, float cost)
      : added_(added), boundary_(boundary), tree_(std::move(tree)), cost_(cost) {
    next_state_ = static_cast<std::uint32_t>(2 * (tree_.size() - 1));
  }

  void build() {
    label_of_.resize(tree_.size());
    for (const AddedWordNode& node : tree_) {
      for (const auto& [label, child] : node.children) label_of_[child] = label;
    }
    find_lone_endings();
    for (std::size_t node = 1; node < tree_.size(); ++node) {
      add_arc({.target = label_state(node), .input = label_of_[node] + 1});
      add_arc({.target = blank_state(node), .input = kBlankInput});
      add_ways_on(node, label_of_[node]);
      end_row(kInfiniteCost);
      add_arc({.target = blank_state(node), .input = kBlankInput});
      add_ways_on(node, 0);
      end_row(kInfiniteCost);
    }
    for (const auto& [label, state] : lone_endings_) {
      add_arc({.target = state, .input = label + 1});
      add_arc({.target = static_cast<std::int32_t>(boundary_.blank), .input = kBlankInput});
      end_row(boundary_.final_cost);
    }
    add_entries();
  }

 private:
  static constexpr std::int32_t kBlankInput = 1;

  std::int32_t global(std::uint32_t state) const {
    return static_cast<std::int32_t>(added_.first_state_ + state);
  }
  std::int32_t label_state(std::size_t node) const {
    return global(static_cast<std::uint32_t>(2 * (node - 1)));
  }
  std::int32_t blank_state(std::size_t node) const {
    return global(static_cast<std::uint32_t>(2 * (node - 1) + 1));
  }

  void add_arc(const Arc& arc) { added_.arcs_.push_back(arc); }
  void end_row(float final_cost) {
    added_.arc_begin_.push_back(static_cast<std::uint32_t>(added_.arcs_.size()));
    added_.final_costs_.push_back(final_cost);
  }

  /// Labels with which no word of the graph ends get a state of their own behind them, from which a
  /// blank leads to the graph.
  void find_lone_endings() {
    for (const AddedWordNode& node : tree_) {
      for (const auto& [label, word] : node.endings) {
        if (boundary_.behind(label) || lone_endings_.contains(label)) continue;
        lone_endings_[label] = global(next_state_++);
      }
    }
  }

  /// The arcs that leave a node; the last label cannot follow itself.
  void add_ways_on(std::size_t node, std::int32_t last_label) {
    // A word is put out as soon as no other can follow.
    const bool is_open = node == 0 || tree_[node].words.size() > 1;
    for (const auto& [label, child] : tree_[node].children) {
      if (label == last_label) continue;
      const bool puts_out = is_open && tree_[child].words.size() == 1;
      add_arc({.target = label_state(child),
               .input = label + 1,
               .output = puts_out ? *tree_[child].words.begin() : 0});
    }
    for (const auto& [label, word] : tree_[node].endings) {
      if (label == last_label) continue;
      const std::optional<std::uint32_t> known = boundary_.behind(label);
      add_arc({.target = known ? static_cast<std::int32_t>(*known) : lone_endings_.at(label),
               .input = label + 1,
               .output = is_open ? word : 0});
    }
  }

  void add_entries() {
    const std::size_t place_count = boundary_.places.size();
    added_.entry_bits_ = static_cast<std::uint32_t>(std::bit_width(2 * place_count));
    added_.entries_.resize(std::size_t{1} << added_.entry_bits_);
    std::vector<std::uint32_t> firsts;  // states in the order of the places
    for (const WordBoundary::Place& place : boundary_.places) {
      firsts.push_back(static_cast<std::uint32_t>(added_.final_costs_.size()));
      add_ways_on(0, place.last_label);
      end_row(kInfiniteCost);
    }
    for (std::size_t i = 0; i < place_count; ++i) {
      const auto arc = static_cast<std::uint32_t>(added_.first_arc_ + added_.arcs_.size());
      add_arc({.target = global(firsts[i]), .input = 0, .output = 0, .cost = cost_});
      insert({.state = boundary_.places[i].state, .arc = arc});
    }
  }

  void insert(const WordEntry& entry) {
    const std::uint32_t mask = (1U << added_.entry_bits_) - 1U;
    std::uint32_t place = AddedWordsView::home(entry.state, added_.entry_bits_);
    while (added_.entries_[place].state != AddedWordsView::kNoArc) place = (place + 1U) & mask;
    added_.entries_[place] = entry;
  }

  AddedWords& added_;
  const WordBoundary& boundary_;
  std::vector<AddedWordNode> tree_;
  float cost_;
  std::vector<std::int32_t> label_of_;  ///< of each node but the root
  std::map<std::int32_t, std::int32_t> lone_endings_;
  std::uint32_t next_state_ = 0;
};

AddedWords::AddedWords(const GraphView& graph, const WordBoundary& boundary,
                       std::span<const AddedWord> words, float cost)
    : first_state_(static_cast<std::uint32_t>(graph.state_count)), first_arc_(graph.arc_count()) {
  AddedWordsBuilder(*this, boundary, make_tree(words, graph.pdf_count), cost).build();
}

AddedWordsView AddedWords::view() const {
  return {.first_state = first_state_,
          .first_arc = first_arc_,
          .arc_begin = arc_begin_.data(),
          .final_cost = final_costs_.data(),
          .arcs = arcs_.data(),
          .entries = entries_.data(),
          .entry_bits = entry_bits_};
}

}  // namespace harpy
