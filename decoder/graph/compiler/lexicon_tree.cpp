#include "decoder/graph/compiler/lexicon_tree.hpp"

#include <span>
#include <stdexcept>
#include <string>
#include <unordered_map>

namespace harpy {

GraphDescription make_lexicon_tree(const PronunciationTable& pronunciations,
                                   std::int32_t label_count, std::span<const float> costs) {
  const std::size_t pronunciation_count = pronunciations.label_begin().size() - 1;
  if (!costs.empty() && costs.size() != pronunciation_count) {
    throw std::invalid_argument("lexicon: expected " + std::to_string(pronunciation_count) +
                                " costs of pronunciations, got " + std::to_string(costs.size()));
  }
  GraphDescription tree{
      .start = 0, .pdf_count = label_count - 1, .arcs = {}, .final_costs = {0.0F}};
  std::unordered_map<std::uint64_t, std::int32_t> children;  // of (node, label)
  const auto child = [&](std::int32_t node, std::int32_t label) {
    const std::uint64_t key =
        (static_cast<std::uint64_t>(node) << 32U) | static_cast<std::uint32_t>(label);
    const auto [found, is_new] =
        children.emplace(key, static_cast<std::int32_t>(tree.final_costs.size()));
    if (is_new) {
      tree.final_costs.push_back(kInfiniteCost);
      tree.arcs.push_back(
          {node, {.target = found->second, .input = label, .output = 0, .cost = 0.0F}});
    }
    return found->second;
  };
  for (std::int32_t word = 0; word < pronunciations.word_count(); ++word) {
    for (std::int32_t i = 0; i < pronunciations.pronunciation_count(word); ++i) {
      const std::span<const std::int32_t> labels = pronunciations.labels(word, i);
      for (const std::int32_t label : labels) {
        if (label < 1 || label >= label_count) {
          throw std::invalid_argument("word " + std::to_string(word) + ": label " +
                                      std::to_string(label) + " in a pronunciation");
        }
      }
      if (labels.empty()) {
        throw std::invalid_argument("word " + std::to_string(word) + ": an empty pronunciation");
      }
      std::int32_t node = 0;
      for (const std::int32_t label : labels.first(labels.size() - 1)) node = child(node, label);
      const std::size_t place =
          pronunciations.word_begin()[static_cast<std::size_t>(word)] + static_cast<std::size_t>(i);
      tree.arcs.push_back({node,
                           {.target = 0,
                            .input = labels.back(),
                            .output = word,
                            .cost = costs.empty() ? 0.0F : costs[place]}});
    }
  }
  return tree;
}

}  // namespace harpy
