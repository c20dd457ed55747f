#include "service/recognizer/utterance_search.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "decoder/lattice/determinize.hpp"
#include "decoder/lattice/least_errors.hpp"
#include "decoder/lattice/n_best.hpp"
#include "decoder/lattice/posteriors.hpp"
#include "decoder/lattice/word_confidence.hpp"
#include "decoder/lattice_path.hpp"
#include "decoder/silence_weighting.hpp"
#include "decoder/word_times.hpp"
#include "service/recognizer/written_words.hpp"

namespace harpy {

namespace {

/// After so long without a label, words are taken from the best path that ends with a finished
/// word. The very best path would rather wait inside a longer word, such as DEATHS after DEATH,
/// until the next word begins, since it has not paid for the rest of the longer one yet. A smaller
/// value lets partials flicker within long sounds; a larger one shows the word before a pause
/// later.
constexpr double kWordEndSilence_s = 0.12;

/// Moves the rows that stay, in ascending order, to the front of a matrix and returns these.
ConstTensorView keep_rows(const Backend& backend, TensorView matrix,
                          const std::vector<std::int64_t>& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto place = static_cast<std::int64_t>(i);
    if (rows[i] != place) {
      backend.copy(slice_rows(matrix, rows[i], 1), slice_rows(matrix, place, 1));
    }
  }
  return slice_rows(ConstTensorView(matrix), 0, static_cast<std::int64_t>(rows.size()));
}

BlankSkipper make_skipper(const DecodingModel& model) {
  return BlankSkipper({.threshold = static_cast<float>(model.blank_skip_threshold),
                       .blank_offset = static_cast<float>(-model.blank_penalty)});
}

/// The model's rules, if it has some and nobody asks for other times.
std::vector<EndpointRule> rules_of(const DecodingModel& model, const EndpointTimes& times) {
  const bool are_the_models = !model.endpoint_rules.empty() && times == EndpointTimes{};
  return are_the_models ? model.endpoint_rules : endpoint_rules(times);
}

}  // namespace

UtteranceSearch::UtteranceSearch(std::shared_ptr<const DecodingModel> model,
                                 const SessionOptions& options)
    : model_(std::move(model)),
      options_(options),
      endpoint_rules_(rules_of(*model_, options.endpoint_times)),
      skipper_(make_skipper(*model_)) {
  weigh_as_silence();
}

SearchInput UtteranceSearch::next_input(const Backend& backend, BeamSearch& search,
                                        TensorView log_likelihoods) {
  ConstTensorView searched = log_likelihoods;
  if (skipper_.skips()) {
    const std::vector<float> on_host = backend.to_host(log_likelihoods);
    searched = keep_rows(backend, log_likelihoods,
                         skipper_.select({on_host.data(), log_likelihoods.shape}));
  } else {
    skipper_.select_all(log_likelihoods.rows());
  }
  if (!stream_) {
    StreamSteering steering = steering_->search;
    steering.keep_lattice = keeps_lattice();
    stream_ = search.open(steering);
  }
  return {stream_.get(), searched};
}

void UtteranceSearch::settle(const SharedSearch& shared, const EventHandler& handler) {
  BeamSearch& search = shared.search;
  const bool is_asked = options_.endpoints || options_.partials || options_.speech_starts;
  if (!is_asked && !frame_weights_) return;
  const BestPath path = end_of_path(search, false);
  if (frame_weights_) weigh_frames(search, path);
  if (!is_asked) return;
  PathSummary said = summary_of(path);
  tell_start(said, handler);
  BestPath ending;
  EndpointState state = endpoint_state(said);
  const bool is_pause = state.trailing_silence_s >= kWordEndSilence_s;
  if (is_pause) {
    ending = end_of_path(search, true);
    if (ending.reached_final) state.ending_cost = ending.cost - path.cost;
  }
  const bool has_label = said.last_label_frame.has_value();
  const bool is_word_finished = has_label && is_pause && ending.reached_final;
  const BestPath& shown = is_word_finished ? ending : path;
  if (is_word_finished) said = summary_of(ending);
  state.has_words = !said.words.empty();
  if (options_.endpoints && is_endpoint(endpoint_rules_, state)) {
    if (!is_pause) ending = end_of_path(search, true);
    if (has_label && !summary_of(ending).words.empty()) {
      const SessionEvent event = make_final(shared, steps_of(search, ending));
      if (!event.words.empty()) handler(event);  // rescoring may have taken them
    }
    begin_anew();
  } else if (options_.partials) {
    tell_partial(search, shown, std::move(said.words), handler);
  }
}

void UtteranceSearch::end(const SharedSearch& shared, const EventHandler& handler) {
  BeamSearch& search = shared.search;
  BestPath path;
  if (stream_) path = end_of_path(search, true);
  tell_start(summary_of(path), handler);
  handler(make_final(shared, steps_of(search, path)));
}

BestPath UtteranceSearch::end_of_path(BeamSearch& search, bool final) {
  decided_.add(search.decided_steps(*stream_).subspan(decided_.step_count),
               steering_->package->frame_labels);
  return search.best_end(*stream_, final);
}

PathSummary UtteranceSearch::summary_of(const BestPath& end) const {
  if (!end.exists()) return {};
  PathSummary summary = decided_;
  summary.add(end.steps, steering_->package->frame_labels);
  return summary;
}

std::vector<PathStep> UtteranceSearch::steps_of(BeamSearch& search, const BestPath& end) const {
  if (!stream_ || !end.exists()) return {};
  const std::span<const PathStep> decided = search.decided_steps(*stream_);
  std::vector<PathStep> steps(decided.begin(), decided.end());
  steps.insert(steps.end(), end.steps.begin(), end.steps.end());
  return steps;
}

void UtteranceSearch::begin_anew() {
  stream_.reset();
  begin_frame_ += skipper_.frame_count();
  skipper_ = make_skipper(*model_);
  decided_ = {};
  told_words_.clear();
  partial_text_.clear();
  has_told_start_ = false;
  weigh_as_silence();
}

void UtteranceSearch::weigh_as_silence() {
  if (!model_->silence_weight) return;
  frame_weights_ = {.first_frame = begin_frame_, .values = {*model_->silence_weight}};
}

void UtteranceSearch::weigh_frames(BeamSearch& search, const BestPath& end) {
  const std::int64_t frame_count = skipper_.frame_count();
  const std::int64_t first = std::max<std::int64_t>(0, frame_count - kReweighedPathFrames);
  std::vector<std::int32_t> inputs(static_cast<std::size_t>(frame_count - first));
  const auto add = [&](std::span<const PathStep> steps) {
    // NOLINTNEXTLINE(modernize-loop-convert): clang 14 cannot read libstdc++'s views.
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
      if (step->input == 0) continue;
      const std::int64_t frame = skipper_.frame_of(step->frame);
      if (frame < first) break;
      inputs[static_cast<std::size_t>(frame - first)] = step->input;
    }
  };
  if (end.exists()) {
    add(end.steps);
    add(search.decided_steps(*stream_));
  }
  if (inputs.empty()) return;
  frame_weights_->first_frame = begin_frame_ + first;
  weigh_silence(inputs, steering_->package->frame_labels, *model_->silence_weight,
                frame_weights_->values);
}

void UtteranceSearch::tell_partial(BeamSearch& search, const BestPath& end,
                                   std::vector<std::int32_t> words, const EventHandler& handler) {
  if (words == told_words_) return;
  told_words_ = std::move(words);
  const SessionEvent event = make_event(EventKind::kPartial, steps_of(search, end));
  std::string text = event.text();
  if (text == partial_text_) return;
  partial_text_ = std::move(text);
  handler(event);
}

void UtteranceSearch::tell_start(const PathSummary& path, const EventHandler& handler) {
  if (!options_.speech_starts || has_told_start_ || !path.first_label_frame) return;
  has_told_start_ = true;
  const std::int64_t frame = begin_frame_ + skipper_.frame_of(*path.first_label_frame);
  handler({.kind = EventKind::kSpeechStart,
           .words = {},
           .start_s = static_cast<double>(frame) * model_->frame_s,
           .error = {}});
}

/// All but has_words and ending_cost.
EndpointState UtteranceSearch::endpoint_state(const PathSummary& path) const {
  std::int64_t last_label_frame = -1;
  if (path.last_label_frame) last_label_frame = skipper_.frame_of(*path.last_label_frame);
  const std::int64_t frame_count = skipper_.frame_count();
  EndpointState state;
  state.utterance_s = static_cast<double>(frame_count) * model_->frame_s;
  state.trailing_silence_s =
      static_cast<double>(frame_count - 1 - last_label_frame) * model_->frame_s;
  return state;
}

std::vector<RecognizedWord> UtteranceSearch::words_of(std::span<const PathStep> steps) const {
  std::vector<RecognizedWord> words;
  for (const TimedWord& searched : steering_->times_of(steps)) {
    const TimedWord word = skipper_.restore_times(searched);
    words.push_back(
        {steering_->word_name(word.word), seconds(word.begin_frame), seconds(word.end_frame)});
  }
  return words;
}

double UtteranceSearch::seconds(std::int64_t frame) const {
  return static_cast<double>(begin_frame_ + frame) * model_->frame_s;
}

SessionEvent UtteranceSearch::make_event(EventKind kind, std::span<const PathStep> steps) const {
  SessionEvent event;
  event.kind = kind;
  event.start_s = seconds(0);
  event.end_s = seconds(skipper_.frame_count());
  event.words = words_of(steps);
  return event;
}

SessionEvent UtteranceSearch::make_final(const SharedSearch& shared,
                                         std::vector<PathStep> steps) const {
  std::shared_ptr<const Lattice> raw;
  std::shared_ptr<const CompactLattice> compact;
  std::string warning;
  std::optional<LeastErrors> least;
  if (stream_ && keeps_lattice()) {
    raw = lattice_of(shared);
    CompactLattice lattice = determinize(*raw, {.beam = model_->search.lattice_beam});
    if (rescores() && !lattice.empty()) {
      if (std::optional<CompactLattice> second_pass = rescored(lattice)) {
        lattice = std::move(*second_pass);
        steps = path_steps(lattice, best_path(lattice));
      } else {
        warning = "an utterance keeps the words of the first pass: rescoring took too long";
      }
    }
    if (minimizes_errors() && !lattice.empty()) {
      least = least_errors(lattice, model_->confidence.posterior_scale);
      steps = path_steps(lattice, least->path);
    }
    compact = std::make_shared<const CompactLattice>(std::move(lattice));
  }
  SessionEvent event = make_event(EventKind::kFinal, steps);
  event.warning = std::move(warning);
  if (options_.phones) add_phones(steps, event.words);
  if (least) event.words = likely_words(*least, std::move(event.words));
  const bool is_noise = least && is_taken_for_noise(*least);
  if (is_noise) event.words.clear();
  if (options_.written) event.written = written_words(*model_->written_form->get(), event.words);
  if (!compact) return event;
  if (options_.confidences && !least) add_confidences(*compact, steps, event.words);
  if (options_.max_alternatives > 0 && !is_noise) event.alternatives = alternatives_of(*compact);
  if (options_.lattice || options_.raw_lattice) event.lattice.words = steering_->words();
  if (options_.lattice) event.lattice.compact = compact;
  if (options_.raw_lattice) event.lattice.raw = std::move(raw);
  return event;
}

std::shared_ptr<const Lattice> UtteranceSearch::lattice_of(const SharedSearch& shared) const {
  const std::lock_guard lock(shared.device);
  return std::make_shared<const Lattice>(shared.search.lattice(*stream_));
}

bool UtteranceSearch::rescores() const {
  return options_.rescoring && model_->second_pass && searches_models_graph();
}

bool UtteranceSearch::keeps_lattice() const {
  return options_.needs_lattice() || rescores() || minimizes_errors();
}

bool UtteranceSearch::minimizes_errors() const {
  return model_->minimum_bayes_risk && searches_models_graph();
}

bool UtteranceSearch::is_taken_for_noise(const LeastErrors& least) const {
  if (model_->least_confidence == 0.0) return false;
  return std::ranges::none_of(least.words, [this](const LikelyWord& word) {
    return calibrated_confidence(word.share, model_->confidence) >= model_->least_confidence;
  });
}

bool UtteranceSearch::searches_models_graph() const {
  return steering_->package == model_->package;
}

std::vector<RecognizedWord> UtteranceSearch::likely_words(
    const LeastErrors& least, std::vector<RecognizedWord> path_words) const {
  std::vector<RecognizedWord> words;
  for (const LikelyWord& likely : least.words) {
    RecognizedWord word{.text = steering_->word_name(likely.word)};
    if (likely.path_word >= 0) {
      RecognizedWord& same = path_words[static_cast<std::size_t>(likely.path_word)];
      word.start_s = same.start_s;
      word.end_s = same.end_s;
      if (same.text == word.text) word.phones = std::move(same.phones);
    } else {
      const TimedWord times =
          skipper_.restore_times({likely.word, likely.begin_frame, likely.end_frame});
      word.start_s = seconds(times.begin_frame);
      word.end_s = seconds(times.end_frame);
    }
    if (options_.confidences) {
      word.confidence = calibrated_confidence(likely.share, model_->confidence);
    }
    words.push_back(std::move(word));
  }
  return words;
}

std::optional<CompactLattice> UtteranceSearch::rescored(const CompactLattice& lattice) const {
  RescoringLimits limits{.beam = model_->search.lattice_beam};
  if (const std::optional<double> deadline_ms = model_->second_pass->deadline_ms) {
    limits.deadline = std::chrono::steady_clock::now() +
                      std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                          std::chrono::duration<double, std::milli>(*deadline_ms));
  }
  return model_->second_pass->rescorer->rescore(lattice, limits);
}

void UtteranceSearch::add_phones(std::span<const PathStep> steps,
                                 std::vector<RecognizedWord>& words) const {
  const SymbolTable& names = model_->package->labels;
  const auto labels = steering_->labels_of(steps);
  for (std::size_t i = 0; i < words.size(); ++i) {
    for (const TimedLabel& label : labels[i]) {
      words[i].phones.push_back({names.name(label.label),
                                 seconds(skipper_.frame_of(label.begin_frame)),
                                 seconds(skipper_.frame_of(label.end_frame - 1) + 1)});
    }
  }
}

void UtteranceSearch::add_confidences(const CompactLattice& lattice,
                                      std::span<const PathStep> steps,
                                      std::vector<RecognizedWord>& words) const {
  std::vector<std::int32_t> ids;
  for (const PathStep& step : steps) {
    if (step.output != 0) ids.push_back(step.output);
  }
  const std::vector<double> confidences = word_confidences(lattice, ids, model_->confidence);
  for (std::size_t i = 0; i < words.size(); ++i) words[i].confidence = confidences[i];
}

std::vector<Alternative> UtteranceSearch::alternatives_of(const CompactLattice& lattice) const {
  const double scale = model_->confidence.posterior_scale;
  const double log_total = lattice_posteriors(lattice, scale).log_total;
  std::vector<Alternative> alternatives;
  for (const LatticePath& path :
       n_best(lattice, static_cast<std::size_t>(options_.max_alternatives))) {
    alternatives.push_back({.words = words_of(path_steps(lattice, path)),
                            .score = -path.cost,
                            .probability = std::exp(-scale * path.cost - log_total)});
  }
  return alternatives;
}

}  // namespace harpy
