#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace harpy {

/// A phrase that should be recognised more, or less, readily.
struct BoostedPhrase {
  std::vector<std::int32_t> words;  ///< output labels of a graph
  float boost = 0.0F;               ///< nats; below 0: less readily
};

/// A place in the phrases: what has been said of them.
struct PhraseNode {
  std::uint32_t back = 0;  ///< the node of the longest end of its words that is a node too
  /// The node itself or, where no phrase goes on from it, what `back` has here. Paths stand in this
  /// node, so that those which have said all of a phrase meet those which have said nothing of it.
  std::uint32_t goes_on = 0;
  float pending = 0.0F;  ///< what has been given for phrases that are not finished; 0 at node 0
  float reward = 0.0F;   ///< the boosts of the phrases that end here
  /// A bit of `followers` stands for many words; those are set that lead from here, or from the
  /// nodes behind `back` but for node 0, to another node.
  std::uint32_t followers = 0;

  /// The bit of a word (Fibonacci hashing, Knuth 1973).
  static constexpr std::uint32_t follower_bit(std::uint32_t word) {
    return (word * 0x9E3779B9U) >> 27U;
  }
};

/// A slot of the hash table that finds the node behind a node and a word.
struct PhraseSlot {
  std::uint32_t node = 0;
  std::uint32_t word = 0;  ///< 0: free
  std::uint32_t child = 0;
};

/// A way on through the phrases.
struct PhraseStep {
  std::uint32_t node = 0;
  float cost = 0.0F;  ///< what the word costs there, below 0 where a boost is given
};

/// The first words of no phrases.
inline constexpr std::uint32_t kNoFirstWords = 0;

/// Phrases as pointers that live on the host or on a device. Node 0 is where nothing has been said
/// of any phrase.
struct PhraseView {
  const PhraseNode* nodes = nullptr;  ///< null: there are no phrases
  const PhraseSlot* slots = nullptr;  ///< [1 << slot_bits]
  std::uint32_t slot_bits = 0;
  /// A bit a word: whether a phrase begins with it.
  const std::uint32_t* first_words = &kNoFirstWords;
  std::uint32_t first_word_limit = 0;  ///< all first words are below it; its own bit is 0
  float largest_gain = 0.0F;           ///< by how much a word makes a path cheaper at most

  /// Whether a phrase begins with a word; of 0, none does. Searches ask it of every candidate: the
  /// answer is mostly no and is found without a branch.
  constexpr bool begins_with(std::uint32_t word) const {
    const std::uint32_t first = word < first_word_limit ? word : first_word_limit;
    return ((first_words[first / 32U] >> (first % 32U)) & 1U) != 0;
  }

  /// Whether a word, which is not 0, may lead from a node to another than node 0. The answer is
  /// seldom wrongly yes.
  constexpr bool may_lead_on(const PhraseNode& node, std::uint32_t word) const {
    const std::uint32_t follows = node.followers >> PhraseNode::follower_bit(word);
    return begins_with(word) | ((follows & 1U) != 0);
  }

  /// The node of the longest end of what has been said that is a node. Cost: mostly one look into
  /// the table.
  constexpr std::uint32_t longest(std::uint32_t node, std::uint32_t word) const {
    std::uint32_t next = find(node, word);
    for (std::uint32_t from = node; next == 0 && from != 0;) {
      from = nodes[from].back;
      next = find(from, word);
    }
    return next;
  }

  /// Where a word leads.
  constexpr PhraseStep step(std::uint32_t node, std::uint32_t word) const {
    const PhraseNode& next = nodes[longest(node, word)];
    return {next.goes_on, (nodes[node].pending - next.pending) - next.reward};
  }

  /// What ends a path at a node: the boosts of unfinished phrases are taken back.
  constexpr float end_cost(std::uint32_t node) const {
    return nodes == nullptr ? 0.0F : nodes[node].pending;
  }

  /// Where the search for a child begins in the table.
  static constexpr std::uint32_t home(std::uint32_t node, std::uint32_t word, std::uint32_t bits) {
    const std::uint64_t key = (static_cast<std::uint64_t>(node) << 32U) | word;
    return static_cast<std::uint32_t>((key * 0x9E3779B97F4A7C15ULL) >> (64U - bits));
  }

 private:
  /// The node behind a node and a word, or 0.
  constexpr std::uint32_t find(std::uint32_t node, std::uint32_t word) const {
    const std::uint32_t mask = (1U << slot_bits) - 1U;
    for (std::uint32_t i = home(node, word, slot_bits);; i = (i + 1U) & mask) {
      if (slots[i].word == 0) return 0;
      if (slots[i].word == word && slots[i].node == node) return slots[i].child;
    }
  }
};

/// Phrases to follow during a search: an automaton over words whose state goes with each path. All
/// that a path pays or is given on its way, and at its end, is minus the sum of the boosts of the
/// phrases that it says, each as often as it is said; of two phrases where one ends the other, both
/// count. A boost above 0 is given in equal parts of 4 nats or more, the last at the last word, so
/// that the search sees a large one early; it is taken back when the phrase does not go on. One
/// below 0 is taken at the last word.
///
/// Costs are multiples of 2^-10, so that their sums are exact. Threads: const access from any.
/// Source: A. Aho, M. Corasick, Efficient string matching: an aid to bibliographic search, CACM
/// 1975; the scheme of K. Hall et al., Composition-based on-the-fly rescoring for salient n-gram
/// biasing, Interspeech 2015.
class PhraseAutomaton {
 public:
  /// Errors: std::invalid_argument for a phrase without words, a word below 1 or a boost that is
  /// not finite.
  explicit PhraseAutomaton(std::span<const BoostedPhrase> phrases);

  PhraseView view() const;
  const std::vector<PhraseNode>& nodes() const { return nodes_; }
  const std::vector<PhraseSlot>& slots() const { return slots_; }
  /// PhraseView::first_words.
  const std::vector<std::uint32_t>& first_words() const { return first_words_; }

 private:
  /// The child of a node by a word, which is added if it is new.
  std::uint32_t child(std::uint32_t node, std::uint32_t word);
  void add(const BoostedPhrase& phrase);
  void grow_table();
  void insert(const PhraseSlot& slot);
  /// Finds where each node falls back to, what it gets from there and which words lead on.
  void link_back();
  void note_first_words();

  std::vector<PhraseNode> nodes_{PhraseNode{}};
  std::vector<PhraseSlot> slots_;
  std::uint32_t slot_bits_ = 0;
  std::vector<std::uint32_t> first_words_;
  float largest_gain_ = 0.0F;
};

}  // namespace harpy
