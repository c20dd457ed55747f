#include "decoder/lattice/confusion_network.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "decoder/lattice/n_best.hpp"
#include "decoder/lattice/posteriors.hpp"

namespace harpy {

namespace {

constexpr std::int32_t kEmptyWord = 0;
/// Makes a word too many cost a little more than a word that is wrong, so that equal distances
/// prefer pairs of words.
constexpr double kInsertionExtra = 1e-5;
/// Probabilities below this are nothing.
constexpr double kLeastMass = 1e-10;
constexpr int kMostRounds = 100;

/// How the distance of the words so far to a beginning of the sequence came about.
enum class EditStep : std::uint8_t { kPair, kInsertion, kDeletion };

double distance(std::int32_t word, std::int32_t other) { return word == other ? 0.0 : 1.0; }
double insertion(std::int32_t word) { return word == kEmptyWord ? 0.0 : 1.0 + kInsertionExtra; }

/// The sequence with a place without word before, between and behind its words.
std::vector<std::int32_t> with_gaps(std::span<const std::int32_t> words) {
  std::vector<std::int32_t> sequence(2 * words.size() + 1, kEmptyWord);
  for (std::size_t i = 0; i < words.size(); ++i) sequence[2 * i + 1] = words[i];
  return sequence;
}

/// One pass over a lattice with a sequence; names as in the source: alpha' is `distances_`, beta'
/// is `masses_`, gamma is the network's places.
class SequenceAlignment {
 public:
  SequenceAlignment(const CompactLattice& lattice, const LatticePosteriors& posteriors,
                    double scale, std::vector<std::int32_t> sequence)
      : lattice_(lattice),
        posteriors_(posteriors),
        scale_(scale),
        sequence_(std::move(sequence)),
        row_size_(sequence_.size() + 1),
        distances_((lattice.states().size() + 1) * row_size_),
        masses_(distances_.size()),
        steps_(lattice.arcs().size() * row_size_),
        places_(sequence_.size()) {}

  ConfusionNetwork run() {
    find_distances();
    spread_mass();
    ConfusionNetwork network;
    for (std::size_t i = 1; i < sequence_.size(); i += 2) network.words.push_back(sequence_[i]);
    network.expected_errors = distances_.back();
    for (std::vector<ConfusedWord>& place : places_) finish(place);
    network.places = std::move(places_);
    return network;
  }

 private:
  double* row(std::vector<double>& values, std::size_t state) {
    return values.data() + state * row_size_;
  }
  std::size_t end_state() const { return lattice_.states().size(); }

  /// The share of the ways to the arc's target that come over the arc.
  double share(const CompactLatticeArc& arc) const {
    return std::exp(posteriors_.log_to_state[arc.source] - scale_ * arc.cost() -
                    posteriors_.log_to_state[arc.target]);
  }

  void find_distances() {
    double* const first = row(distances_, 0);
    for (std::size_t q = 1; q < row_size_; ++q) {
      first[q] = first[q - 1] + distance(kEmptyWord, sequence_[q - 1]);
    }
    for (std::size_t i = 0; i < lattice_.arcs().size(); ++i) follow(i);
    double* const last = row(distances_, end_state());
    for (std::size_t state = 0; state < end_state(); ++state) {
      if (posteriors_.ends[state] == 0.0) continue;
      const double* const here = row(distances_, state);
      for (std::size_t q = 0; q < row_size_; ++q) last[q] += posteriors_.ends[state] * here[q];
    }
  }

  /// Adds the distances of the ways over an arc to its target's.
  void follow(std::size_t index) {
    const CompactLatticeArc& arc = lattice_.arcs()[index];
    const double part = share(arc);
    const double* const here = row(distances_, arc.source);
    double* const next = row(distances_, arc.target);
    EditStep* const steps = steps_.data() + index * row_size_;
    const double inserted = insertion(arc.word);
    double before = here[0] + inserted;  // of the arc, at the place before
    next[0] += part * before;
    for (std::size_t q = 1; q < row_size_; ++q) {
      const double pair = here[q - 1] + distance(arc.word, sequence_[q - 1]);
      const double added = here[q] + inserted;
      const double left_out = before + distance(kEmptyWord, sequence_[q - 1]);
      before = pair;
      steps[q] = EditStep::kPair;
      if (added < before) {
        before = added;
        steps[q] = EditStep::kInsertion;
      }
      if (left_out < before) {
        before = left_out;
        steps[q] = EditStep::kDeletion;
      }
      next[q] += part * before;
    }
  }

  /// Leads the probability of all paths back along the alignments to the start.
  void spread_mass() {
    row(masses_, end_state())[row_size_ - 1] = 1.0;
    for (std::size_t state = end_state(); state-- > 0;) {
      row(masses_, state)[row_size_ - 1] += posteriors_.ends[state];
    }
    for (std::size_t i = lattice_.arcs().size(); i-- > 0;) lead_back(i);
    double* const first = row(masses_, 0);
    for (std::size_t q = row_size_ - 1; q > 0; --q) {
      add(q - 1, {.word = kEmptyWord, .probability = first[q]});
      first[q - 1] += first[q];
    }
  }

  void lead_back(std::size_t index) {
    const CompactLatticeArc& arc = lattice_.arcs()[index];
    const double part = share(arc);
    if (part == 0.0) return;
    const double* const mass = row(masses_, arc.target);
    double* const earlier = row(masses_, arc.source);
    const EditStep* const steps = steps_.data() + index * row_size_;
    const double begin = lattice_.states()[arc.source].frame;
    const double end = lattice_.states()[arc.target].frame;
    double kept = 0.0;  // of the arc, led on from the place behind
    for (std::size_t q = row_size_; q-- > 0;) {
      kept += part * mass[q];
      if (kept < kLeastMass) continue;
      if (q > 0 && steps[q] == EditStep::kDeletion) {
        add(q - 1, {.word = kEmptyWord, .probability = kept});
        continue;
      }
      if (q > 0 && steps[q] == EditStep::kPair) {
        add(q - 1, {arc.word, kept, kept * begin, kept * end});
        earlier[q - 1] += kept;
      } else {
        earlier[q] += kept;
      }
      kept = 0.0;
    }
  }

  void add(std::size_t place, const ConfusedWord& entry) {
    for (ConfusedWord& word : places_[place]) {
      if (word.word != entry.word) continue;
      word.probability += entry.probability;
      word.begin_frame += entry.begin_frame;
      word.end_frame += entry.end_frame;
      return;
    }
    places_[place].push_back(entry);
  }

  static void finish(std::vector<ConfusedWord>& place) {
    std::erase_if(place, [](const ConfusedWord& word) { return word.probability < kLeastMass; });
    double total = 0.0;
    for (ConfusedWord& word : place) {
      total += word.probability;
      word.begin_frame /= word.probability;
      word.end_frame /= word.probability;
      if (word.word == kEmptyWord) word.begin_frame = word.end_frame = 0.0;
    }
    for (ConfusedWord& word : place) word.probability /= total;
    std::ranges::sort(place, [](const ConfusedWord& a, const ConfusedWord& b) {
      return a.probability != b.probability ? a.probability > b.probability : a.word < b.word;
    });
  }

  const CompactLattice& lattice_;
  const LatticePosteriors& posteriors_;
  const double scale_;
  const std::vector<std::int32_t> sequence_;
  const std::size_t row_size_;
  std::vector<double> distances_;  ///< [states + 1, row_size]
  std::vector<double> masses_;     ///< [states + 1, row_size]
  std::vector<EditStep> steps_;    ///< [arcs, row_size]
  std::vector<std::vector<ConfusedWord>> places_;
};

ConfusionNetwork align(const CompactLattice& lattice, const LatticePosteriors& posteriors,
                       double scale, std::span<const std::int32_t> words) {
  if (std::isinf(posteriors.log_total)) {
    ConfusionNetwork network{.words = {words.begin(), words.end()}, .places = {}};
    network.places.resize(2 * words.size() + 1);
    return network;
  }
  return SequenceAlignment(lattice, posteriors, scale, with_gaps(words)).run();
}

std::vector<std::int32_t> likeliest_words(const ConfusionNetwork& network) {
  std::vector<std::int32_t> words;
  for (const std::vector<ConfusedWord>& place : network.places) {
    if (!place.empty() && place.front().word != kEmptyWord) words.push_back(place.front().word);
  }
  return words;
}

}  // namespace

ConfusedWord ConfusionNetwork::entry_of(std::size_t word_index) const {
  for (const ConfusedWord& entry : place_of(word_index)) {
    if (entry.word == words[word_index]) return entry;
  }
  return {.word = words[word_index]};
}

double ConfusionNetwork::probability_of(std::size_t word_index) const {
  return entry_of(word_index).probability;
}

ConfusionNetwork confusion_network(const CompactLattice& lattice,
                                   std::span<const std::int32_t> words, double scale) {
  return align(lattice, lattice_posteriors(lattice, scale), scale, words);
}

ConfusionNetwork minimum_bayes_risk(const CompactLattice& lattice, double scale) {
  return minimum_bayes_risk(lattice, best_path(lattice).words, scale);
}

ConfusionNetwork minimum_bayes_risk(const CompactLattice& lattice,
                                    std::span<const std::int32_t> best_words, double scale) {
  const LatticePosteriors posteriors = lattice_posteriors(lattice, scale);
  ConfusionNetwork network = align(lattice, posteriors, scale, best_words);
  for (int round = 0; round < kMostRounds; ++round) {
    const std::vector<std::int32_t> words = likeliest_words(network);
    if (words == network.words) break;
    ConfusionNetwork next = align(lattice, posteriors, scale, words);
    if (next.expected_errors >= network.expected_errors) break;
    network = std::move(next);
  }
  return network;
}

}  // namespace harpy
