#include "decoder/graph/phrase_automaton.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <utility>

namespace harpy {

namespace {

constexpr std::uint32_t kFirstSlotBits = 4;
constexpr float kUnitsPerNat = 1024.0F;
/// So much of a boost or more is given at a time, in nats. A search's beam keeps what is so little
/// dearer anyway; were less given early, it would follow more of what only begins like a phrase.
constexpr float kLeastPart = 4.0F;

float rounded(float cost) { return std::round(cost * kUnitsPerNat) / kUnitsPerNat; }

}  // namespace

PhraseAutomaton::PhraseAutomaton(std::span<const BoostedPhrase> phrases) {
  grow_table();
  for (const BoostedPhrase& phrase : phrases) add(phrase);
  note_first_words();
  link_back();
}

PhraseView PhraseAutomaton::view() const {
  return {.nodes = nodes_.data(),
          .slots = slots_.data(),
          .slot_bits = slot_bits_,
          .first_words = first_words_.data(),
          .first_word_limit = static_cast<std::uint32_t>(32 * (first_words_.size() - 1)),
          .largest_gain = largest_gain_};
}

void PhraseAutomaton::add(const BoostedPhrase& phrase) {
  const bool has_words = !phrase.words.empty() && std::ranges::min(phrase.words) > 0;
  if (!has_words || !std::isfinite(phrase.boost)) {
    throw std::invalid_argument("phrases: expected words from 1 on and a finite boost");
  }
  const float part = std::max(phrase.boost / static_cast<float>(phrase.words.size()), kLeastPart);
  std::uint32_t node = 0;
  for (std::size_t left = phrase.words.size(); left-- > 0;) {
    node = child(node, static_cast<std::uint32_t>(phrase.words[phrase.words.size() - 1 - left]));
    if (left == 0) break;
    const float given = rounded(phrase.boost - part * static_cast<float>(left));
    nodes_[node].pending = std::max(nodes_[node].pending, given);
  }
  nodes_[node].reward += rounded(phrase.boost);
}

std::uint32_t PhraseAutomaton::child(std::uint32_t node, std::uint32_t word) {
  const std::uint32_t mask = (1U << slot_bits_) - 1U;
  std::uint32_t place = PhraseView::home(node, word, slot_bits_);
  for (; slots_[place].word != 0; place = (place + 1U) & mask) {
    if (slots_[place].word == word && slots_[place].node == node) return slots_[place].child;
  }
  const auto added = static_cast<std::uint32_t>(nodes_.size());
  nodes_.emplace_back();
  slots_[place] = {.node = node, .word = word, .child = added};
  if (2 * nodes_.size() > slots_.size()) grow_table();
  return added;
}

void PhraseAutomaton::insert(const PhraseSlot& slot) {
  const std::uint32_t mask = (1U << slot_bits_) - 1U;
  std::uint32_t place = PhraseView::home(slot.node, slot.word, slot_bits_);
  while (slots_[place].word != 0) place = (place + 1U) & mask;
  slots_[place] = slot;
}

void PhraseAutomaton::grow_table() {
  slot_bits_ = std::max(kFirstSlotBits, slot_bits_ + 1U);
  const std::vector<PhraseSlot> before =
      std::exchange(slots_, std::vector<PhraseSlot>(std::size_t{1} << slot_bits_));
  for (const PhraseSlot& slot : before) {
    if (slot.word != 0) insert(slot);
  }
}

void PhraseAutomaton::link_back() {
  // By length: a node falls back to a shorter one.
  std::vector<std::uint32_t> lengths(nodes_.size());
  std::vector<PhraseSlot> links;
  std::ranges::copy_if(slots_, std::back_inserter(links),
                       [](const PhraseSlot& slot) { return slot.word != 0; });
  // Children have higher numbers than their parents.
  std::ranges::sort(links, {}, &PhraseSlot::child);
  for (const PhraseSlot& link : links) lengths[link.child] = lengths[link.node] + 1;
  std::ranges::stable_sort(links, {}, [&](const PhraseSlot& link) { return lengths[link.child]; });
  for (const PhraseSlot& link : links) {
    if (link.node == 0) continue;
    nodes_[link.node].followers |= 1U << PhraseNode::follower_bit(link.word);
    nodes_[link.node].goes_on = link.node;
  }
  const PhraseView phrases = view();
  for (const PhraseSlot& link : links) {
    PhraseNode& node = nodes_[link.child];
    node.back = link.node == 0 ? 0 : phrases.longest(nodes_[link.node].back, link.word);
    node.pending = std::max(node.pending, nodes_[node.back].pending);
    node.reward += nodes_[node.back].reward;
    node.followers |= nodes_[node.back].followers;
    if (node.goes_on == 0) node.goes_on = nodes_[node.back].goes_on;
  }
  // From elsewhere a word that leads to a node gains no more than from the node's parent, which is
  // an end of what was said there, so that as much or more is pending.
  for (const PhraseSlot& link : links) {
    const PhraseNode& node = nodes_[link.child];
    largest_gain_ =
        std::max(largest_gain_, (node.pending + node.reward) - nodes_[link.node].pending);
  }
}

void PhraseAutomaton::note_first_words() {
  for (const PhraseSlot& slot : slots_) {
    if (slot.word == 0 || slot.node != 0) continue;
    if (slot.word / 32U >= first_words_.size()) first_words_.resize(slot.word / 32U + 1U);
    first_words_[slot.word / 32U] |= 1U << (slot.word % 32U);
  }
  first_words_.push_back(0);
}

}  // namespace harpy
