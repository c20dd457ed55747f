#include "kaldi/lexicon_recovery.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <span>
#include <unordered_map>

#include "decoder/graph/topology.hpp"

namespace harpy::kaldi {

namespace {

/// More phones than any word has: what is longer is no word but a circle.
constexpr std::size_t kLongestWord = 200;
/// At a place of the graph words begin that were not put out yet, at most so many.
constexpr std::int32_t kMostPending = 3;

class LexiconRecovery {
 public:
  LexiconRecovery(const GraphDescription& graph, const TransitionModel& model,
                  const PhonePlaces& places)
      : graph_(graph), model_(model), arcs_(graph.arcs) {
    std::ranges::stable_sort(arcs_, {}, &SourcedArc::source);
    begin_.resize(graph.final_costs.size() + 1);
    for (const SourcedArc& arc : arcs_) ++begin_[static_cast<std::size_t>(arc.source) + 1];
    for (std::size_t i = 1; i < begin_.size(); ++i) begin_[i] += begin_[i - 1];
    for (const auto& [phone, place] : places) {
      if (place) flags_[phone] = *place;
    }
  }

  std::optional<RecoveredLexicon> recover() {
    const bool has_one_state = std::ranges::all_of(
        model_.transitions, [](const Transition& t) { return t.is_self_loop || t.begins_phone; });
    if (flags_.empty() || !has_one_state) return std::nullopt;
    find_phones_before();
    if (!find_transitions() || !count_pending()) return std::nullopt;
    find_silence();
    for (const SourcedArc& arc : arcs_) {
      if (begins_word(arc.arc) && !follow_word(arc)) return std::nullopt;
    }
    return std::move(found_);
  }

 private:
  /// What is known of a state before it is reached.
  static constexpr std::int32_t kUnknown = 1 << 20;

  std::span<const SourcedArc> arcs_of(std::int32_t state) const {
    const auto place = static_cast<std::size_t>(state);
    return std::span(arcs_).subspan(begin_[place], begin_[place + 1] - begin_[place]);
  }
  const Transition& transition(const Arc& arc) const {
    return model_.transitions[static_cast<std::size_t>(arc.input - 1)];
  }
  bool begins_phone(const Arc& arc) const {
    return arc.input != 0 && !transition(arc).is_self_loop;
  }
  /// Flags of the phone that an arc begins; 0: it begins none, or one between words.
  std::uint32_t flags(const Arc& arc) const {
    if (!begins_phone(arc)) return 0;
    const auto found = flags_.find(transition(arc).phone);
    return found == flags_.end() ? 0 : found->second;
  }
  bool begins_word(const Arc& arc) const { return (flags(arc) & ListedInput::kBeginsWord) != 0; }
  bool ends_word(const Arc& arc) const { return (flags(arc) & ListedInput::kEndsWord) != 0; }
  bool is_in_word(const Arc& arc) const {
    return begins_phone(arc) && flags_.contains(transition(arc).phone) && !begins_word(arc);
  }

  /// Finds the phones that may end before each state.
  void find_phones_before() {
    before_.resize(graph_.final_costs.size());
    before_[static_cast<std::size_t>(graph_.start)] = {0};
    std::vector<std::int32_t> open{graph_.start};
    while (!open.empty()) {
      const std::int32_t state = open.back();
      open.pop_back();
      for (const SourcedArc& arc : arcs_of(state)) {
        const std::vector<std::int32_t> phones =
            arc.arc.input == 0 ? before_[static_cast<std::size_t>(state)]
                               : std::vector<std::int32_t>{transition(arc.arc).phone};
        std::vector<std::int32_t>& reached = before_[static_cast<std::size_t>(arc.arc.target)];
        const std::size_t size = reached.size();
        for (const std::int32_t phone : phones) {
          if (std::ranges::find(reached, phone) == reached.end()) reached.push_back(phone);
        }
        if (reached.size() > size) open.push_back(arc.arc.target);
      }
    }
  }

  /// Finds which transition begins a phone behind another one; false: that does not decide.
  bool find_transitions() {
    for (const SourcedArc& arc : arcs_) {
      if (!begins_phone(arc.arc)) continue;
      for (const std::int32_t before : before_[static_cast<std::size_t>(arc.source)]) {
        const auto [place, is_new] =
            found_.transitions.try_emplace({before, transition(arc.arc).phone}, arc.arc.input);
        if (place->second != arc.arc.input) return false;
      }
    }
    return true;
  }

  /// Finds for each state how many words have begun that were not put out yet. All ways to a state
  /// agree, since each path puts out as many words as it has.
  bool count_pending() {
    pending_.assign(graph_.final_costs.size(), kUnknown);
    pending_[static_cast<std::size_t>(graph_.start)] = 0;
    std::vector<std::int32_t> open{graph_.start};
    while (!open.empty()) {
      const std::int32_t state = open.back();
      open.pop_back();
      for (const SourcedArc& arc : arcs_of(state)) {
        const std::int32_t pending = pending_[static_cast<std::size_t>(state)] +
                                     (begins_word(arc.arc) ? 1 : 0) - (arc.arc.output != 0 ? 1 : 0);
        if (std::abs(pending) > kMostPending) return false;
        std::int32_t& known = pending_[static_cast<std::size_t>(arc.arc.target)];
        if (known == pending) continue;
        if (known != kUnknown) return false;
        known = pending;
        open.push_back(arc.arc.target);
      }
    }
    return true;
  }

  /// The phone that stands between words at most places.
  void find_silence() {
    std::map<std::int32_t, std::size_t> counts;
    for (const SourcedArc& arc : arcs_) {
      if (!begins_phone(arc.arc)) continue;
      const std::int32_t phone = transition(arc.arc).phone;
      if (!flags_.contains(phone)) ++counts[phone];
    }
    std::size_t most = 0;
    for (const auto& [phone, count] : counts) {
      if (count <= most) continue;
      most = count;
      found_.silence_phone = phone;
    }
  }

  /// A place within a word that is being followed.
  struct Place {
    std::int32_t state = 0;
    std::size_t phone_count = 0;  ///< of the word so far
    std::size_t last_phone = 0;   ///< its place in spoken_
    std::int32_t skipped = 0;     ///< words before it that are still to be put out
    std::int32_t word = 0;        ///< 0: not put out yet
  };

  /// A phone of a word that is being followed, and the place of the one before it.
  struct SpokenPhone {
    std::int32_t phone;
    std::size_t before;
  };

  /// Follows the words that begin with an arc to their ends; false: there are too many ways.
  bool follow_word(const SourcedArc& first) {
    const std::int32_t skipped = pending_[static_cast<std::size_t>(first.source)];
    if (skipped < 0 || skipped >= kMostPending) return true;  // put out before, or not reached
    spoken_.clear();
    std::vector<Place> open;
    pass(first.arc, {.skipped = skipped}, open);
    while (!open.empty()) {
      const Place place = open.back();
      open.pop_back();
      if (++step_count_ > kStepsPerArc * (arcs_.size() + kFewArcs)) return false;
      for (const SourcedArc& arc : arcs_of(place.state)) {
        if (arc.arc.input == 0 || is_in_word(arc.arc)) pass(arc.arc, place, open);
      }
    }
    return true;
  }

  /// Takes an arc from a place within a word.
  void pass(const Arc& arc, Place place, std::vector<Place>& open) {
    if (arc.output != 0 && place.skipped > 0) {
      --place.skipped;
    } else if (arc.output != 0 && place.word == 0) {
      place.word = arc.output;
    }
    place.state = arc.target;
    if (arc.input != 0) {
      spoken_.push_back({transition(arc).phone, place.last_phone});
      place.last_phone = spoken_.size() - 1;
      ++place.phone_count;
    }
    if (ends_word(arc)) {
      const std::vector<std::int32_t> phones = phones_of(place);
      if (place.word != 0) {
        found_.pronunciations[place.word].insert(phones);
      } else if (place.skipped == 0) {
        for (const std::int32_t word : words_behind(arc.target)) {
          found_.pronunciations[word].insert(phones);
        }
      }
    } else if (place.phone_count < kLongestWord) {
      open.push_back(place);
    }
  }

  std::vector<std::int32_t> phones_of(const Place& place) const {
    std::vector<std::int32_t> phones(place.phone_count);
    std::size_t at = place.last_phone;
    for (std::size_t i = phones.size(); i-- > 0; at = spoken_[at].before) {
      phones[i] = spoken_[at].phone;
    }
    return phones;
  }

  /// The words that may be put out next behind a state.
  const std::vector<std::int32_t>& words_behind(std::int32_t state) {
    const auto [known, is_new] = behind_.try_emplace(state);
    if (!is_new) return known->second;
    std::vector<std::int32_t> words;
    std::set<std::int32_t> met{state};
    std::vector<std::int32_t> open{state};
    while (!open.empty()) {
      const std::int32_t next = open.back();
      open.pop_back();
      for (const SourcedArc& arc : arcs_of(next)) {
        if (arc.arc.output != 0) {
          words.push_back(arc.arc.output);
        } else if (met.insert(arc.arc.target).second) {
          open.push_back(arc.arc.target);
        }
      }
    }
    std::ranges::sort(words);
    words.erase(std::unique(words.begin(), words.end()), words.end());
    return behind_[state] = std::move(words);
  }

  /// Graphs of real words need a few steps an arc.
  static constexpr std::size_t kStepsPerArc = 100;
  static constexpr std::size_t kFewArcs = 1000;

  const GraphDescription& graph_;
  const TransitionModel& model_;
  std::vector<SourcedArc> arcs_;  ///< by their sources
  std::vector<std::size_t> begin_;
  std::unordered_map<std::int32_t, std::uint32_t> flags_;  ///< of phones in words
  std::vector<std::vector<std::int32_t>> before_;
  std::vector<std::int32_t> pending_;
  std::vector<SpokenPhone> spoken_;  ///< of the words that begin with one arc
  std::unordered_map<std::int32_t, std::vector<std::int32_t>> behind_;
  std::size_t step_count_ = 0;
  RecoveredLexicon found_;
};

}  // namespace

std::optional<RecoveredLexicon> recover_lexicon(const GraphDescription& graph,
                                                const TransitionModel& model,
                                                const PhonePlaces& places) {
  return LexiconRecovery(graph, model, places).recover();
}

}  // namespace harpy::kaldi
