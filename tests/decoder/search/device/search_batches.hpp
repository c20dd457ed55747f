#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "decoder/search/beam_search.hpp"
#include "tests/decoder/search/reference_search.hpp"

namespace harpy::testing {

/// Frames [begin, end) of scores, one behind another.
inline std::vector<float> flat(const Scores& scores, std::size_t begin, std::size_t end) {
  std::vector<float> values;
  for (std::size_t frame = begin; frame < end; ++frame) {
    values.insert(values.end(), scores[frame].begin(), scores[frame].end());
  }
  return values;
}

/// Pushes utterances through a search as these streams of batches: each batch has a random part of
/// each stream's rest.
inline void search_in_batches(BeamSearch& search,
                              const std::vector<std::unique_ptr<SearchStream>>& streams,
                              const std::vector<Scores>& utterances, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<std::size_t> begins(utterances.size());
  for (;;) {
    std::vector<std::vector<float>> values;
    std::vector<SearchInput> batch;
    bool is_done = true;
    for (std::size_t i = 0; i < utterances.size(); ++i) {
      const std::size_t rest = utterances[i].size() - begins[i];
      is_done = is_done && rest == 0;
      const std::size_t count = std::min<std::size_t>(rest, random() % 50);
      values.push_back(flat(utterances[i], begins[i], begins[i] + count));
      begins[i] += count;
      batch.push_back(
          {streams[i].get(),
           {values.back().data(), Shape{static_cast<std::int64_t>(count),
                                        static_cast<std::int64_t>(utterances[i].front().size())}}});
    }
    if (is_done) return;
    search.advance(batch);
  }
}

/// The same with new streams.
inline std::vector<std::unique_ptr<SearchStream>> search_in_batches(
    BeamSearch& search, const std::vector<Scores>& utterances, std::uint32_t seed) {
  std::vector<std::unique_ptr<SearchStream>> streams;
  for (std::size_t i = 0; i < utterances.size(); ++i) streams.push_back(search.open());
  search_in_batches(search, streams, utterances, seed);
  return streams;
}

}  // namespace harpy::testing
