#include "decoder/graph/openfst_ngram.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace harpy {

namespace {

constexpr std::size_t kWordBits = 64;
/// Far more words than any model looks back at.
constexpr std::size_t kLongestContext = 64;

/// Bits of 64-bit words, the lowest of each first, read from the front.
class BitRuns {
 public:
  BitRuns(OpenFstReader& reader, std::size_t bit_count)
      : reader_(reader),
        bit_count_(bit_count),
        words_(reader.read_array<std::uint64_t>((bit_count + kWordBits - 1) / kWordBits)) {}

  bool bit() {
    if (position_ == bit_count_) throw reader_.failure("a tree of contexts that does not end");
    const bool is_set = (words_[position_ / kWordBits] >> (position_ % kWordBits) & 1U) != 0;
    ++position_;
    return is_set;
  }
  /// The ones up to the next zero, which is taken too.
  std::size_t run() {
    std::size_t length = 0;
    while (bit()) ++length;
    return length;
  }

 private:
  OpenFstReader& reader_;
  std::size_t bit_count_;
  std::vector<std::uint64_t> words_;
  std::size_t position_ = 0;
};

/// The contexts as a tree: below a context are those that begin with one more word.
struct ContextTree {
  std::vector<std::size_t> first_child;  ///< [states + 1]; children are numbered one after another
  std::vector<std::size_t> parent;       ///< [states]
  std::vector<std::int32_t> word;        ///< [states]: the oldest word of the context

  std::optional<std::size_t> child(std::size_t state, std::int32_t wanted) const {
    const auto begin = word.begin() + static_cast<std::ptrdiff_t>(first_child[state]);
    const auto end = word.begin() + static_cast<std::ptrdiff_t>(first_child[state + 1]);
    const auto found = std::lower_bound(begin, end, wanted);
    if (found == end || *found != wanted) return std::nullopt;
    return static_cast<std::size_t>(found - word.begin());
  }

  /// The longest context that ends what was said after `state` and a word.
  std::size_t behind(std::size_t state, std::int32_t next_word) const {
    std::vector<std::int32_t> history;  // from the oldest word
    for (; state != 0; state = parent[state]) history.push_back(word[state]);
    std::optional<std::size_t> longest = child(0, next_word);
    if (!longest) return 0;
    std::size_t reached = *longest;
    while (!history.empty()) {
      longest = child(reached, history.back());
      if (!longest) break;
      reached = *longest;
      history.pop_back();
    }
    return reached;
  }
};

ContextTree read_tree(OpenFstReader& reader, BitRuns& bits, std::size_t state_count) {
  ContextTree tree{.first_child = {1}, .parent = std::vector<std::size_t>(state_count), .word = {}};
  std::vector<std::size_t> length(state_count);  // of each context
  if (bits.run() != 1) throw reader.failure("a tree of contexts without a root");
  for (std::size_t state = 0; state < state_count; ++state) {
    const std::size_t first = tree.first_child.back();
    const std::size_t count = bits.run();
    // A context stands behind the one it belongs to, so that every way up ends at the root.
    if (first <= state || count > state_count - first) {
      throw reader.failure("a tree of contexts that is none");
    }
    if (count > 0 && length[state] == kLongestContext) throw reader.failure("contexts too long");
    for (std::size_t child = first; child < first + count; ++child) {
      tree.parent[child] = state;
      length[child] = length[state] + 1;
    }
    tree.first_child.push_back(first + count);
  }
  if (tree.first_child.back() != state_count) throw reader.failure("contexts beside the tree");
  return tree;
}

std::size_t read_size(OpenFstReader& reader) {
  const auto size = reader.read<std::int64_t>();
  return reader.check_count(size, 1);
}

void check_costs(const OpenFstReader& reader, std::span<const float> costs) {
  if (std::ranges::all_of(costs, [](float cost) { return cost > -kInfiniteCost; })) return;
  throw reader.failure("a cost that is none");
}

void check_words(const OpenFstReader& reader, std::span<const std::int32_t> words) {
  if (std::ranges::all_of(words, [](std::int32_t word) { return word >= 0; })) return;
  throw reader.failure("a word of negative number");
}

}  // namespace

GraphDescription read_openfst_ngrams(OpenFstReader& reader) {
  const std::size_t state_count = read_size(reader);
  const std::size_t ngram_count = read_size(reader);
  const std::size_t final_count = read_size(reader);
  if (state_count < 2) throw reader.failure("fewer than two contexts");
  BitRuns context_bits(reader, 2 * state_count + 1);
  BitRuns ngram_bits(reader, ngram_count + state_count + 1);
  BitRuns final_bits(reader, state_count);
  ContextTree tree = read_tree(reader, context_bits, state_count);
  tree.word = reader.read_array<std::int32_t>(state_count + 1);
  tree.word.pop_back();  // this array and those of costs have a place that nothing uses
  tree.word.front() = 0;
  const auto words = reader.read_array<std::int32_t>(ngram_count);
  const auto backoffs = reader.read_array<float>(state_count + 1);
  const auto final_costs = reader.read_array<float>(final_count);
  const auto costs = reader.read_array<float>(ngram_count + 1);
  for (const auto& list : {tree.word, words}) check_words(reader, list);
  for (const auto& list : {backoffs, final_costs, costs}) check_costs(reader, list);

  GraphDescription graph{.start = 1};
  graph.arcs.reserve(ngram_count + state_count);
  if (ngram_bits.run() != 0) throw reader.failure("n-grams before the first context");
  std::size_t ngram = 0;
  std::size_t final = 0;
  for (std::size_t state = 0; state < state_count; ++state) {
    const auto source = static_cast<std::int32_t>(state);
    if (state != 0) {
      graph.arcs.push_back(
          {source,
           {.target = static_cast<std::int32_t>(tree.parent[state]), .cost = backoffs[state]}});
    }
    for (const std::size_t end = ngram + ngram_bits.run(); ngram < end; ++ngram) {
      if (ngram == ngram_count) throw reader.failure("contexts with more n-grams than there are");
      const auto target = static_cast<std::int32_t>(tree.behind(state, words[ngram]));
      graph.pdf_count = std::max(graph.pdf_count, words[ngram]);
      graph.arcs.push_back({source,
                            {.target = target,
                             .input = words[ngram],
                             .output = words[ngram],
                             .cost = costs[ngram]}});
    }
    const bool is_final = final_bits.bit();
    if (is_final && final == final_count) throw reader.failure("more final contexts than costs");
    graph.final_costs.push_back(is_final ? final_costs[final++] : kInfiniteCost);
  }
  return graph;
}

}  // namespace harpy
