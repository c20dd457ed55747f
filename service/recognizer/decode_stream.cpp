#include "service/recognizer/decode_stream.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "decoder/blank_skipping.hpp"
#include "decoder/endpoint.hpp"
#include "decoder/word_times.hpp"
#include "frontend/audio/resampler.hpp"
#include "frontend/feature_stream.hpp"

namespace harpy {

namespace {

constexpr std::int64_t kFeatureFramesAtOnce = 64;

/// After so long without a label words are taken from the best path that ends with a finished word.
/// The very best one would rather wait inside a word, such as DEATHS after DEATH, until the next
/// begins: it has not paid for the rest yet. Shorter: partials flicker within long sounds; longer:
/// the word before a pause is seen later.
constexpr double kWordEndSilence_s = 0.12;

bool has_words(const BestPath& path) {
  return std::any_of(path.steps.begin(), path.steps.end(),
                     [](const PathStep& step) { return step.output != 0; });
}

/// Without has_words and ending_cost.
EndpointState endpoint_state(const BestPath& path, const FrameLabels& labels,
                             const BlankSkipper& frames, double frame_s) {
  std::int64_t last_label_frame = -1;
  EndpointState state;
  for (const PathStep& step : path.steps) {
    if (labels.label(step.input) != 0) last_label_frame = step.frame;
  }
  if (last_label_frame >= 0) last_label_frame = frames.frame_of(last_label_frame);
  const std::int64_t frame_count = frames.frame_count();
  state.utterance_s = static_cast<double>(frame_count) * frame_s;
  state.trailing_silence_s = static_cast<double>(frame_count - 1 - last_label_frame) * frame_s;
  return state;
}

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

BlankSkipper make_skipper(const ModelPackage& model) {
  const ModelDescription& description = model.description();
  return BlankSkipper({.threshold = static_cast<float>(description.blank_skip_threshold),
                       .blank_offset = static_cast<float>(-description.blank_penalty)});
}

}  // namespace

struct DecodeStream::Pipeline {
  Pipeline(const ModelPackage& model, double sample_rate_hz)
      : resampler(sample_rate_hz, model.features()->sample_rate_hz()),
        skipper(make_skipper(model)) {}

  Resampler resampler;
  std::optional<FeatureStream> features;               ///< on the host,
  std::optional<DeviceFeatureStream> device_features;  ///< or with the network
  std::optional<AcousticStream> acoustic;              ///< opened by the first worker
  std::int64_t open_block_count = 0;     ///< blocks that were there before the input's end
  bool is_final_block = false;           ///< whether it is the last one
  std::unique_ptr<SearchStream> search;  ///< of the running utterance; opened with its first block
  BlankSkipper skipper;                  ///< in front of `search`

  std::vector<float> samples;              ///< at the model's rate, on their way to the features
  std::int64_t utterance_begin_frame = 0;  ///< counted from the session's start
  std::string partial_text;                ///< of the last kPartial
  std::vector<EndpointRule> endpoint_rules = default_endpoint_rules();
};

DecodeStream::DecodeStream(std::shared_ptr<const ModelPackage> model, const SessionOptions& options)
    : model_(std::move(model)),
      options_(options),
      pipeline_(std::make_unique<Pipeline>(*model_, options.sample_rate_hz)) {}

DecodeStream::~DecodeStream() = default;

void DecodeStream::accept(RecognizerWorker& worker, std::span<const float> samples, bool last) {
  Pipeline& pipeline = *pipeline_;
  if (!pipeline.acoustic) {
    model_ = worker.model;
    pipeline.acoustic.emplace(model_->acoustic_grid(), *worker.backend);
    if (worker.features) {
      pipeline.device_features.emplace(model_->features());
    } else {
      pipeline.features.emplace(model_->features());
    }
  }
  if (model_ != worker.model) {
    throw std::runtime_error("the device that the session ran on is lost");
  }
  pipeline.samples.clear();
  pipeline.resampler.process(samples, pipeline.samples);
  accept_resampled(false);
  // What follows a block does not depend on whether the input's end is known already.
  pipeline.open_block_count = pipeline.acoustic->blocks_ready();
  if (!last) return;
  pipeline.samples.clear();
  pipeline.resampler.finish(pipeline.samples);
  accept_resampled(true);
}

void DecodeStream::accept_resampled(bool last) {
  Pipeline& pipeline = *pipeline_;
  AcousticStream& acoustic = *pipeline.acoustic;
  if (pipeline.device_features) {
    acoustic.accept_frames(pipeline.device_features->accept(pipeline.samples));
  } else {
    FeatureStream& features = *pipeline.features;
    features.accept(pipeline.samples);
    if (last) features.finish();
    while (features.frames_ready() > 0) acoustic.accept(features.take(kFeatureFramesAtOnce));
  }
  if (last) acoustic.finish();
}

bool DecodeStream::has_block() const { return pipeline_->acoustic->blocks_ready() > 0; }

std::span<const TensorView> DecodeStream::advance(RecognizerWorker& worker,
                                                  std::span<DecodeStream* const> streams) {
  std::vector<AcousticStream*> acoustic;
  std::vector<DeviceFeatureStream*> device_features;
  for (DecodeStream* const stream : streams) {
    acoustic.push_back(&*stream->pipeline_->acoustic);
    if (worker.features) device_features.push_back(&*stream->pipeline_->device_features);
  }
  if (!worker.features) return worker.network.advance(acoustic);
  return worker.network.advance(
      acoustic, [&](std::size_t begin, std::size_t count, TensorView features) {
        worker.features->compute(std::span(device_features).subspan(begin, count), features);
      });
}

SearchInput DecodeStream::begin_block(RecognizerWorker& worker, TensorView log_likelihoods) {
  Pipeline& pipeline = *pipeline_;
  const bool was_open = pipeline.open_block_count > 0;
  pipeline.open_block_count -= was_open ? 1 : 0;
  pipeline.is_final_block =
      !was_open && pipeline.acoustic->finished() && pipeline.acoustic->blocks_ready() == 0;
  ConstTensorView searched = log_likelihoods;
  if (pipeline.skipper.skips()) {
    const std::vector<float> on_host = worker.backend->to_host(log_likelihoods);
    searched = keep_rows(*worker.backend, log_likelihoods,
                         pipeline.skipper.select({on_host.data(), log_likelihoods.shape}));
  } else {
    pipeline.skipper.select_all(log_likelihoods.rows());
  }
  if (!pipeline.search) pipeline.search = worker.search->open();
  return {pipeline.search.get(), searched};
}

void DecodeStream::end(RecognizerWorker& worker, const EventHandler& handler) {
  BestPath path;
  if (pipeline_->search) path = worker.search->best_path(*pipeline_->search, true);
  handler(make_event(EventKind::kFinal, path));
}

void DecodeStream::settle_block(RecognizerWorker& worker, const EventHandler& handler) {
  Pipeline& pipeline = *pipeline_;
  if (pipeline.is_final_block || !(options_.endpoints || options_.partials)) return;

  const BestPath path = worker.search->best_path(*pipeline.search, false);
  BestPath ending;
  EndpointState state =
      endpoint_state(path, model_->graph().frame_labels, pipeline.skipper, model_->frame_s());
  const bool is_pause = state.trailing_silence_s >= kWordEndSilence_s;
  if (is_pause) {
    ending = worker.search->best_path(*pipeline.search, true);
    if (ending.reached_final) state.ending_cost = ending.cost - path.cost;
  }
  const bool has_label = state.trailing_silence_s < state.utterance_s;
  const bool is_word_finished = has_label && is_pause && ending.reached_final;
  const BestPath& shown = is_word_finished ? ending : path;
  state.has_words = has_words(shown);
  if (options_.endpoints && is_endpoint(pipeline.endpoint_rules, state)) {
    if (!is_pause) ending = worker.search->best_path(*pipeline.search, true);
    if (has_label && has_words(ending)) handler(make_event(EventKind::kFinal, ending));
    pipeline.search.reset();
    pipeline.utterance_begin_frame += pipeline.skipper.frame_count();
    pipeline.skipper = make_skipper(*model_);
    pipeline.partial_text.clear();
  } else if (options_.partials) {
    SessionEvent event = make_event(EventKind::kPartial, shown);
    std::string text = event.text();
    if (text == pipeline.partial_text) return;
    pipeline.partial_text = std::move(text);
    handler(event);
  }
}

SessionEvent DecodeStream::make_event(EventKind kind, const BestPath& path) const {
  const auto seconds = [this](std::int64_t frame) {
    return static_cast<double>(pipeline_->utterance_begin_frame + frame) * model_->frame_s();
  };
  SessionEvent event;
  event.kind = kind;
  event.start_s = seconds(0);
  event.end_s = seconds(pipeline_->skipper.frame_count());
  for (const TimedWord& searched :
       word_times(path.steps, model_->graph().pronunciations, model_->graph().frame_labels)) {
    const TimedWord word = pipeline_->skipper.restore_times(searched);
    event.words.push_back({model_->graph().words.name(word.word), seconds(word.begin_frame),
                           seconds(word.end_frame)});
  }
  return event;
}

}  // namespace harpy
