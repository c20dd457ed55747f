#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "kaldi/ngram_files.hpp"
#include "kaldi/ngram_levels.hpp"

namespace harpy::kaldi {

namespace {

class GrammarModel {
 public:
  GrammarModel(const std::filesystem::path& path, const LabelNames& words)
      : path_(path), graph_(read_openfst(path)), states_(graph_.final_costs.size()) {
    std::map<std::int32_t, std::string> met;
    for (const SourcedArc& arc : graph_.arcs) {
      State& state = states_[static_cast<std::size_t>(arc.source)];
      if (arc.arc.output == 0) {
        if (state.backoff >= 0) fail("a state with two back-offs");
        state.backoff = arc.arc.target;
        state.log_backoff = -arc.arc.cost;
        continue;
      }
      const auto name = words.find(arc.arc.output);
      if (name == words.end()) {
        fail("a word of number " + std::to_string(arc.arc.output) + ", which has no name");
      }
      met.insert(*name);
    }
    vocabulary_.add(kSentenceStartWord);  // kStart
    vocabulary_.add(kSentenceEndWord);    // kEnd
    for (const auto& [number, name] : met) number_of_[number] = vocabulary_.add(name);
    if (vocabulary_.size() != met.size() + 2) fail("a word that is there twice");
    sort_arcs();
    find_contexts();
  }

  NgramModel read() && {
    constexpr float kNever = -std::numeric_limits<float>::infinity();
    std::vector<ListedNgram> unigrams(vocabulary_.size());
    for (std::size_t i = 0; i < unigrams.size(); ++i) {
      unigrams[i] = {.word = static_cast<WordId>(i), .log_probability = kNever};
    }
    for (const ListedNgram& ngram : followers(empty_)) unigrams[ngram.word] = ngram;
    ListedNgram& start = unigrams[kStart];
    start.context = graph_.start;
    start.log_backoff = states_[static_cast<std::size_t>(graph_.start)].log_backoff;
    try {
      return lay_out_ngrams(
          std::move(vocabulary_), std::move(unigrams),
          [this](std::int64_t state) { return followers(static_cast<std::int32_t>(state)); },
          graph_.arcs.size() + 2 * states_.size() + number_of_.size() + 2);
    } catch (const std::invalid_argument& error) {
      fail(error.what());
    }
  }

 private:
  /// A state: what was said before.
  struct State {
    std::int32_t backoff = -1;  ///< the state with fewer words; -1: the empty one
    float log_backoff = 0.0F;
    std::int32_t shorter = -1;  ///< the state without the last word
    WordId last_word = kNoWord;
    bool is_known = false;
    std::vector<std::size_t> arcs;  ///< of words
  };

  /// The first words of the vocabulary.
  static constexpr WordId kStart = 0;
  static constexpr WordId kEnd = 1;

  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(path_.string() + ": " + what + "; expected a back-off n-gram model");
  }

  void sort_arcs() {
    for (std::size_t i = 0; i < graph_.arcs.size(); ++i) {
      const SourcedArc& arc = graph_.arcs[i];
      if (arc.arc.output != 0) states_[static_cast<std::size_t>(arc.source)].arcs.push_back(i);
    }
    for (State& state : states_) {
      std::ranges::sort(state.arcs, {}, [this](std::size_t i) { return word_of(i); });
      for (std::size_t i = 1; i < state.arcs.size(); ++i) {
        if (word_of(state.arcs[i - 1]) == word_of(state.arcs[i])) fail("a word twice in a state");
      }
    }
  }

  WordId word_of(std::size_t arc) const { return number_of_.at(graph_.arcs[arc].arc.output); }

  /// Finds the words that each state stands for, those of few words first.
  void find_contexts() {
    empty_ = graph_.start;
    for (std::size_t i = 0; states_[static_cast<std::size_t>(empty_)].backoff >= 0; ++i) {
      if (i > states_.size()) fail("back-offs in a circle");
      empty_ = states_[static_cast<std::size_t>(empty_)].backoff;
    }
    if (empty_ == graph_.start) fail("no back-off from the start");
    std::vector<std::int32_t> open{empty_, graph_.start};
    states_[static_cast<std::size_t>(empty_)].is_known = true;
    reach(graph_.start, empty_, kStart);
    for (std::size_t next = 0; next < open.size(); ++next) {
      for (const std::size_t i : states_[static_cast<std::size_t>(open[next])].arcs) {
        const std::int32_t target = graph_.arcs[i].arc.target;
        if (states_[static_cast<std::size_t>(target)].is_known) continue;
        reach(target, open[next], word_of(i));
        open.push_back(target);
      }
    }
  }

  void reach(std::int32_t state, std::int32_t shorter, WordId word) {
    State& reached = states_[static_cast<std::size_t>(state)];
    reached.is_known = true;
    reached.shorter = shorter;
    reached.last_word = word;
    if (reached.backoff < 0) fail("a state without a back-off");
  }

  std::vector<ListedNgram> followers(std::int32_t source) const {
    const State& state = states_[static_cast<std::size_t>(source)];
    std::vector<ListedNgram> ngrams;
    if (const float cost = graph_.final_costs[static_cast<std::size_t>(source)];
        cost != kInfiniteCost) {
      ngrams.push_back({.word = kEnd, .log_probability = -cost});
    }
    for (const std::size_t i : state.arcs) {
      const Arc& arc = graph_.arcs[i].arc;
      const State& target = states_[static_cast<std::size_t>(arc.target)];
      ListedNgram ngram{.word = word_of(i), .log_probability = -arc.cost};
      if (target.shorter == source && target.last_word == ngram.word) {
        ngram.log_backoff = target.log_backoff;
        ngram.context = arc.target;
      }
      ngrams.push_back(ngram);
    }
    return ngrams;
  }

  std::filesystem::path path_;
  GraphDescription graph_;
  std::vector<State> states_;
  Vocabulary vocabulary_;
  std::map<std::int32_t, WordId> number_of_;
  std::int32_t empty_ = 0;
};

}  // namespace

NgramModel read_grammar_model(const std::filesystem::path& path, const LabelNames& words) {
  return GrammarModel(path, words).read();
}

}  // namespace harpy::kaldi
