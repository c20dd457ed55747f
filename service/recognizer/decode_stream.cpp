#include "service/recognizer/decode_stream.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "acoustic/acoustic_stream.hpp"
#include "decoder/blank_skipping.hpp"
#include "decoder/endpoint.hpp"
#include "decoder/search/beam_search_cpu.hpp"
#include "decoder/word_times.hpp"
#include "frontend/feature_stream.hpp"
#include "frontend/resampler.hpp"

namespace harpy {

namespace {

constexpr std::int64_t kFeatureFramesAtOnce = 64;

EndpointState endpoint_state(const BestPath& path, const FrameLabels& labels,
                             const BlankSkipper& frames, double frame_s) {
  std::int64_t last_label_frame = -1;
  EndpointState state;
  for (const PathStep& step : path.steps) {
    if (labels.label(step.input) != 0) last_label_frame = step.frame;
    state.has_words |= step.output != 0;
  }
  if (last_label_frame >= 0) last_label_frame = frames.frame_of(last_label_frame);
  const std::int64_t frame_count = frames.frame_count();
  state.utterance_s = static_cast<double>(frame_count) * frame_s;
  state.trailing_silence_s = static_cast<double>(frame_count - 1 - last_label_frame) * frame_s;
  return state;
}

/// Moves the rows that stay, in ascending order, to the front of a matrix and returns these.
ConstTensorView keep_rows(Tensor& matrix, const std::vector<std::int64_t>& rows) {
  const TensorView view = matrix.view();
  const std::int64_t dim = view.dim();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto place = static_cast<std::int64_t>(i);
    if (rows[i] != place) std::copy_n(view.data + rows[i] * dim, dim, view.data + place * dim);
  }
  return slice_rows(ConstTensorView(view), 0, static_cast<std::int64_t>(rows.size()));
}

}  // namespace

RecognizerWorker::RecognizerWorker(const ModelPackage& model, Device device)
    : backend(create_backend({.device = device})),
      search(make_cpu_beam_search(model.decoding_graph(), model.search_options())) {}

struct DecodeStream::Pipeline {
  Pipeline(const ModelPackage& model, double sample_rate_hz)
      : resampler(sample_rate_hz, model.features()->sample_rate_hz()),
        features(model.features()),
        skipper(static_cast<float>(model.description().blank_skip_threshold)) {}

  Resampler resampler;
  FeatureStream features;
  std::optional<AcousticStream> acoustic;  ///< opened by the first worker
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

void DecodeStream::accept(RecognizerWorker& worker, std::span<const float> samples,
                          const EventHandler& handler) {
  pipeline_->samples.clear();
  pipeline_->resampler.process(samples, pipeline_->samples);
  pipeline_->features.accept(pipeline_->samples);
  run(worker, false, handler);
}

void DecodeStream::finish(RecognizerWorker& worker, const EventHandler& handler) {
  pipeline_->samples.clear();
  pipeline_->resampler.finish(pipeline_->samples);
  pipeline_->features.accept(pipeline_->samples);
  pipeline_->features.finish();
  run(worker, true, handler);
  BestPath path;
  if (pipeline_->search) path = worker.search->best_path(*pipeline_->search, true);
  handler(make_event(EventKind::kFinal, path));
}

void DecodeStream::run(RecognizerWorker& worker, bool last, const EventHandler& handler) {
  Pipeline& pipeline = *pipeline_;
  const std::int64_t block_frames = model_->description().block_frames;
  if (!pipeline.acoustic) {
    pipeline.acoustic.emplace(
        model_->acoustic(), *worker.backend,
        AcousticStreamOptions{.head = model_->description().head, .block_frames = block_frames});
  }
  AcousticStream& acoustic = *pipeline.acoustic;
  while (pipeline.features.frames_ready() > 0) {
    acoustic.accept(*worker.backend, pipeline.features.take(kFeatureFramesAtOnce));
  }
  if (last) acoustic.finish(*worker.backend);
  while (acoustic.frames_ready() >= block_frames || (last && acoustic.frames_ready() > 0)) {
    Tensor log_likelihoods = acoustic.take(*worker.backend, block_frames);
    const std::vector<std::int64_t>& rows = pipeline.skipper.select(log_likelihoods);
    worker.backend->add_bias(model_->output_offsets(), log_likelihoods);
    const bool final_block = last && acoustic.frames_ready() == 0;
    search_block(worker, keep_rows(log_likelihoods, rows), final_block, handler);
  }
}

void DecodeStream::search_block(RecognizerWorker& worker, ConstTensorView log_likelihoods,
                                bool final_block, const EventHandler& handler) {
  Pipeline& pipeline = *pipeline_;
  if (!pipeline.search) pipeline.search = worker.search->open();
  const SearchInput input{pipeline.search.get(), log_likelihoods};
  if (log_likelihoods.rows() > 0) worker.search->advance({&input, 1});
  if (final_block || !(options_.endpoints || options_.partials)) return;

  const BestPath path = worker.search->best_path(*pipeline.search, false);
  EndpointState state =
      endpoint_state(path, model_->graph().frame_labels, pipeline.skipper, model_->frame_s());
  if (options_.endpoints && state.has_words && state.trailing_silence_s > 0.0) {
    const BestPath ending = worker.search->best_path(*pipeline.search, true);
    if (ending.reached_final) state.ending_cost = ending.cost - path.cost;
  }
  if (options_.endpoints && is_endpoint(pipeline.endpoint_rules, state)) {
    if (state.has_words) {
      handler(make_event(EventKind::kFinal, worker.search->best_path(*pipeline.search, true)));
    }
    pipeline.search.reset();
    pipeline.utterance_begin_frame += pipeline.skipper.frame_count();
    pipeline.skipper = BlankSkipper(static_cast<float>(model_->description().blank_skip_threshold));
    pipeline.partial_text.clear();
  } else if (options_.partials) {
    SessionEvent event = make_event(EventKind::kPartial, path);
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
