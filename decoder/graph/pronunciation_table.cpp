#include "decoder/graph/pronunciation_table.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace harpy {

namespace {

bool is_index(const std::vector<std::uint32_t>& begin, std::size_t end) {
  return !begin.empty() && begin.front() == 0 && begin.back() == end &&
         std::is_sorted(begin.begin(), begin.end());
}

}  // namespace

PronunciationTable::PronunciationTable(std::vector<std::uint32_t> word_begin,
                                       std::vector<std::uint32_t> label_begin,
                                       std::vector<std::int32_t> labels)
    : word_begin_(std::move(word_begin)),
      label_begin_(std::move(label_begin)),
      labels_(std::move(labels)) {
  if (!is_index(label_begin_, labels_.size()) || !is_index(word_begin_, label_begin_.size() - 1)) {
    throw std::invalid_argument("pronunciations: an index does not fit what it indexes");
  }
}

void PronunciationTable::add_word(std::span<const std::vector<std::int32_t>> pronunciations) {
  for (const std::vector<std::int32_t>& labels : pronunciations) {
    labels_.insert(labels_.end(), labels.begin(), labels.end());
    label_begin_.push_back(static_cast<std::uint32_t>(labels_.size()));
  }
  word_begin_.push_back(static_cast<std::uint32_t>(label_begin_.size() - 1));
}

}  // namespace harpy
