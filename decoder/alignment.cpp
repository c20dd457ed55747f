#include "decoder/alignment.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>

#include "decoder/graph/decoding_graph.hpp"
#include "decoder/graph/topology_expansion.hpp"

namespace harpy {

namespace {

/// A place of the transcript where a label is said; the graph puts out its number, from 1.
struct LabelPlace {
  std::int32_t label = 0;
  std::int32_t word_index = -1;
  std::int32_t pronunciation = 0;
};

/// The transcript as a graph over labels, which puts out places.
class TranscriptGraph {
 public:
  TranscriptGraph(const AlignmentTranscript& transcript, std::int32_t label_count,
                  std::int32_t silence_label)
      : silence_label_(silence_label) {
    graph_.pdf_count = label_count - 1;
    check_label(silence_label, "silence", 0);
    std::int32_t boundary = add_optional_silence(add_state());
    for (std::size_t index = 0; index < transcript.size(); ++index) {
      const std::int32_t next = add_state();
      add_word(transcript[index], static_cast<std::int32_t>(index), boundary, next);
      boundary = add_optional_silence(next);
    }
    graph_.final_costs[static_cast<std::size_t>(boundary)] = 0.0F;
  }

  const GraphDescription& graph() const { return graph_; }
  const LabelPlace& place(std::int32_t output) const {
    return places_[static_cast<std::size_t>(output) - 1];
  }

 private:
  std::int32_t add_state() {
    graph_.final_costs.push_back(kInfiniteCost);
    return static_cast<std::int32_t>(graph_.final_costs.size()) - 1;
  }

  void add_label(std::int32_t source, std::int32_t target, const LabelPlace& place) {
    places_.push_back(place);
    const auto output = static_cast<std::int32_t>(places_.size());
    graph_.arcs.push_back(
        {source, {.target = target, .input = place.label, .output = output, .cost = 0.0F}});
  }

  /// Returns the state behind the silence.
  std::int32_t add_optional_silence(std::int32_t state) {
    if (silence_label_ == 0) return state;
    const std::int32_t behind = add_state();
    graph_.arcs.push_back({state, {.target = behind, .input = 0, .output = 0, .cost = 0.0F}});
    add_label(state, behind, {.label = silence_label_});
    return behind;
  }

  void add_word(const std::vector<std::vector<std::int32_t>>& pronunciations, std::int32_t index,
                std::int32_t source, std::int32_t target) {
    const std::string name = "word " + std::to_string(index);
    if (pronunciations.empty()) {
      throw std::invalid_argument("alignment: " + name + " has no pronunciation");
    }
    for (std::size_t variant = 0; variant < pronunciations.size(); ++variant) {
      const std::vector<std::int32_t>& labels = pronunciations[variant];
      if (labels.empty()) {
        throw std::invalid_argument("alignment: " + name + " has an empty pronunciation");
      }
      std::int32_t state = source;
      for (std::size_t i = 0; i < labels.size(); ++i) {
        check_label(labels[i], name, 1);
        const std::int32_t next = i + 1 == labels.size() ? target : add_state();
        add_label(state, next,
                  {.label = labels[i],
                   .word_index = index,
                   .pronunciation = static_cast<std::int32_t>(variant)});
        state = next;
      }
    }
  }

  void check_label(std::int32_t label, const std::string& what, std::int32_t least) const {
    if (label >= least && label <= graph_.pdf_count) return;
    throw std::invalid_argument("alignment: " + what + " has label " + std::to_string(label) +
                                ", expected " + std::to_string(least) + " to " +
                                std::to_string(graph_.pdf_count));
  }

  std::int32_t silence_label_;
  GraphDescription graph_;
  std::vector<LabelPlace> places_;
};

/// An arc as its target sees it.
struct ArcInto {
  std::int32_t source = 0;
  std::int32_t input = 0;
  std::int32_t output = 0;
};

/// A frame of the best path.
struct Step {
  std::int32_t input = 0;
  std::int32_t output = 0;
};

/// Exact Viterbi search over a graph without costs; each state takes the best of its incoming arcs.
class Viterbi {
 public:
  explicit Viterbi(const GraphView& graph)
      : graph_(graph),
        begin_(static_cast<std::size_t>(graph.state_count) + 1),
        arcs_(graph.arc_count()) {
    for (std::uint32_t i = 0; i < graph.arc_count(); ++i) {
      ++begin_[static_cast<std::size_t>(graph.arcs[i].target) + 1];
    }
    if (*std::max_element(begin_.begin(), begin_.end()) >= kNotReached) {
      throw std::invalid_argument("alignment: a word has too many pronunciations");
    }
    for (std::size_t state = 1; state < begin_.size(); ++state) begin_[state] += begin_[state - 1];
    std::vector<std::size_t> next(begin_.begin(), begin_.end() - 1);
    for (std::int32_t state = 0; state < graph.state_count; ++state) {
      order_.push_back(state);
      for (std::uint32_t i = graph.arc_begin[state]; i < graph.arc_begin[state + 1]; ++i) {
        const Arc& arc = graph.arcs[i];
        arcs_[next[static_cast<std::size_t>(arc.target)]++] = {state, arc.input, arc.output};
      }
    }
    std::stable_sort(order_.begin(), order_.end(), [&graph](std::int32_t a, std::int32_t b) {
      return graph.epsilon_level[a] < graph.epsilon_level[b];
    });
  }

  /// The best path with one step for each frame, and its log-likelihood, -infinity if there is
  /// none.
  double run(ConstTensorView log_likelihoods, std::vector<Step>& steps) {
    const auto frame_count = static_cast<std::size_t>(log_likelihoods.rows());
    const auto state_count = static_cast<std::size_t>(graph_.state_count);
    chosen_.assign((frame_count + 1) * state_count, kNotReached);
    std::vector<double> before(state_count, kImpossible);
    std::vector<double> now(state_count, kImpossible);
    for (std::size_t frame = 0; frame <= frame_count; ++frame) {
      const float* scores = frame == 0
                                ? nullptr
                                : log_likelihoods.data +
                                      (frame - 1) * static_cast<std::size_t>(log_likelihoods.dim());
      std::swap(before, now);
      for (const std::int32_t state : order_) {
        now[static_cast<std::size_t>(state)] =
            frame == 0 && state == graph_.start ? 0.0 : kImpossible;
        reach(state, scores, before, now, &chosen_[frame * state_count]);
      }
    }
    std::size_t last = 0;
    double best = kImpossible;
    for (std::size_t state = 0; state < state_count; ++state) {
      if (graph_.final_cost[state] == kInfiniteCost || now[state] <= best) continue;
      best = now[state];
      last = state;
    }
    if (best != kImpossible) trace_back(frame_count, last, steps);
    return best;
  }

 private:
  static constexpr double kImpossible = -std::numeric_limits<double>::infinity();
  static constexpr std::uint16_t kNotReached = std::numeric_limits<std::uint16_t>::max();

  void reach(std::int32_t state, const float* scores, const std::vector<double>& before,
             std::vector<double>& now, std::uint16_t* chosen) const {
    const auto index = static_cast<std::size_t>(state);
    for (std::size_t i = begin_[index]; i < begin_[index + 1]; ++i) {
      const ArcInto& arc = arcs_[i];
      const auto source = static_cast<std::size_t>(arc.source);
      double value = kImpossible;
      if (arc.input == 0) {
        value = now[source];
      } else if (scores != nullptr && std::isfinite(scores[arc.input - 1])) {
        value = before[source] + static_cast<double>(scores[arc.input - 1]);
      }
      if (value <= now[index]) continue;
      now[index] = value;
      chosen[index] = static_cast<std::uint16_t>(i - begin_[index]);
    }
  }

  void trace_back(std::size_t frame, std::size_t state, std::vector<Step>& steps) const {
    const auto state_count = static_cast<std::size_t>(graph_.state_count);
    steps.clear();
    while (chosen_[frame * state_count + state] != kNotReached) {
      const ArcInto& arc = arcs_[begin_[state] + chosen_[frame * state_count + state]];
      if (arc.input != 0) {
        steps.push_back({arc.input, arc.output});
        --frame;
      }
      state = static_cast<std::size_t>(arc.source);
    }
    std::reverse(steps.begin(), steps.end());
  }

  const GraphView& graph_;
  std::vector<std::size_t> begin_;     ///< first incoming arc of each state
  std::vector<ArcInto> arcs_;          ///< by target
  std::vector<std::int32_t> order_;    ///< states after those that epsilon arcs come from
  std::vector<std::uint16_t> chosen_;  ///< [frames + 1, states]: the incoming arc of the best path
};

Alignment read_steps(std::span<const Step> steps, const TranscriptGraph& transcript,
                     std::size_t word_count, const FrameLabels& frame_labels) {
  Alignment alignment;
  alignment.words.resize(word_count);
  const std::int32_t states = pdfs_per_label(frame_labels.topology);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto frame = static_cast<std::int32_t>(i);
    if (steps[i].output != 0) {
      const LabelPlace& place = transcript.place(steps[i].output);
      const bool begins_word =
          place.word_index >= 0 &&
          (alignment.labels.empty() || alignment.labels.back().word_index != place.word_index);
      alignment.labels.push_back({place.label, place.word_index, frame, frame + 1});
      if (begins_word) {
        alignment.words[static_cast<std::size_t>(place.word_index)] = {place.pronunciation, frame,
                                                                       frame + 1};
      }
    } else if (!alignment.labels.empty() &&
               frame_labels.contexts.label((steps[i].input - 1) / states) ==
                   alignment.labels.back().label) {
      alignment.labels.back().end_frame = frame + 1;
    }
  }
  for (const AlignedLabel& label : alignment.labels) {
    if (label.word_index < 0) continue;
    alignment.words[static_cast<std::size_t>(label.word_index)].end_frame = label.end_frame;
  }
  return alignment;
}

}  // namespace

Alignment align(ConstTensorView log_likelihoods, const AlignmentTranscript& transcript,
                const FrameLabels& frame_labels) {
  const std::int32_t states = pdfs_per_label(frame_labels.topology);
  const auto pdf_count = static_cast<std::int32_t>(log_likelihoods.dim());
  if (log_likelihoods.shape.rank() != 2 || pdf_count < 1 || pdf_count % states != 0) {
    throw std::invalid_argument("alignment: expected log-likelihoods [frames, labels x " +
                                std::to_string(states) + "], got " +
                                to_string(log_likelihoods.shape));
  }
  const LabelContexts& contexts = frame_labels.contexts;
  const TranscriptGraph transcript_graph(transcript, contexts.label_count(pdf_count / states),
                                         frame_labels.silence_label);
  const DecodingGraph labels(transcript_graph.graph());
  const DecodingGraph frames(expand_topology(labels.view(), frame_labels.topology, contexts));
  std::vector<Step> steps;
  const double log_likelihood = Viterbi(frames.view()).run(log_likelihoods, steps);
  if (std::isinf(log_likelihood)) {
    throw std::runtime_error("alignment: the transcript of " + std::to_string(transcript.size()) +
                             " words does not fit into the " +
                             std::to_string(log_likelihoods.rows()) + " frames");
  }
  Alignment alignment = read_steps(steps, transcript_graph, transcript.size(), frame_labels);
  alignment.log_likelihood = log_likelihood;
  return alignment;
}

Alignment align(ConstTensorView log_likelihoods, std::span<const std::int32_t> words,
                const PronunciationTable& pronunciations, const FrameLabels& frame_labels) {
  AlignmentTranscript transcript;
  for (const std::int32_t word : words) {
    if (word < 0 || word >= pronunciations.word_count()) {
      throw std::invalid_argument("alignment: word number " + std::to_string(word) +
                                  ", expected 0 to " +
                                  std::to_string(pronunciations.word_count() - 1));
    }
    std::vector<std::vector<std::int32_t>>& variants = transcript.emplace_back();
    for (std::int32_t i = 0; i < pronunciations.pronunciation_count(word); ++i) {
      const std::span<const std::int32_t> labels = pronunciations.labels(word, i);
      variants.emplace_back(labels.begin(), labels.end());
    }
  }
  return align(log_likelihoods, transcript, frame_labels);
}

}  // namespace harpy
