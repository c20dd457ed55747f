#include "service/recognizer/decode_stream.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "acoustic/acoustic_stream.hpp"
#include "decoder/blank_skipping.hpp"
#include "decoder/endpoint.hpp"
#include "decoder/search/beam_search_cpu.hpp"
#include "decoder/search/cuda/beam_search_cuda.hpp"
#include "decoder/word_times.hpp"
#include "frontend/feature_stream.hpp"
#include "frontend/resampler.hpp"

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
ConstTensorView keep_rows(const Backend& backend, Tensor& matrix,
                          const std::vector<std::int64_t>& rows) {
  const TensorView view = matrix.view();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto place = static_cast<std::int64_t>(i);
    if (rows[i] != place) backend.copy(slice_rows(view, rows[i], 1), slice_rows(view, place, 1));
  }
  return slice_rows(ConstTensorView(view), 0, static_cast<std::int64_t>(rows.size()));
}

std::unique_ptr<BeamSearch> make_search(const ModelPackage& model, Backend& backend) {
  if (backend.device().kind == DeviceKind::kCpu) {
    return make_cpu_beam_search(model.decoding_graph(), model.search_options());
  }
  return cuda::make_beam_search(
      std::make_shared<DeviceGraph>(model.decoding_graph(), backend.memory()),
      model.search_options(), backend);
}

}  // namespace

RecognizerWorker::RecognizerWorker(const ModelPackage& model, const RecognizerOptions& options)
    : backend(create_backend({.device = options.device, .precision = options.precision})),
      search(make_search(model, *backend)) {}

struct DecodeStream::Pipeline {
  Pipeline(const ModelPackage& model, double sample_rate_hz)
      : resampler(sample_rate_hz, model.features()->sample_rate_hz()),
        features(model.features()),
        skipper(static_cast<float>(model.description().blank_skip_threshold)) {}

  Resampler resampler;
  FeatureStream features;
  std::optional<AcousticStream> acoustic;  ///< opened by the first worker
  bool is_input_finished = false;
  std::int64_t open_block_count = 0;     ///< blocks that were there before the input's end
  Tensor block;                          ///< log-likelihoods that are being searched
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
  pipeline_->samples.clear();
  pipeline_->resampler.process(samples, pipeline_->samples);
  run_network(worker, false);
  // What follows a block does not depend on whether the input's end is known already.
  pipeline_->open_block_count =
      pipeline_->acoustic->frames_ready() / model_->description().block_frames;
  if (!last) return;
  pipeline_->samples.clear();
  pipeline_->resampler.finish(pipeline_->samples);
  run_network(worker, true);
}

void DecodeStream::run_network(RecognizerWorker& worker, bool last) {
  Pipeline& pipeline = *pipeline_;
  pipeline.features.accept(pipeline.samples);
  if (last) pipeline.features.finish();
  if (!pipeline.acoustic) {
    pipeline.acoustic.emplace(
        model_->acoustic(), *worker.backend,
        AcousticStreamOptions{.head = model_->description().head,
                              .block_frames = model_->description().block_frames});
  }
  while (pipeline.features.frames_ready() > 0) {
    pipeline.acoustic->accept(*worker.backend, pipeline.features.take(kFeatureFramesAtOnce));
  }
  if (last) pipeline.acoustic->finish(*worker.backend);
  pipeline.is_input_finished = last;
}

std::optional<SearchInput> DecodeStream::next_block(RecognizerWorker& worker) {
  Pipeline& pipeline = *pipeline_;
  AcousticStream& acoustic = *pipeline.acoustic;
  const std::int64_t block_frames = model_->description().block_frames;
  if (acoustic.frames_ready() < (pipeline.is_input_finished ? 1 : block_frames)) {
    return std::nullopt;
  }
  pipeline.block = acoustic.take(*worker.backend, block_frames);
  const bool was_open = pipeline.open_block_count > 0;
  pipeline.open_block_count -= was_open ? 1 : 0;
  pipeline.is_final_block = !was_open && pipeline.is_input_finished && acoustic.frames_ready() == 0;
  const std::vector<float> log_posteriors = worker.backend->to_host(pipeline.block);
  const std::vector<std::int64_t>& rows =
      pipeline.skipper.select({log_posteriors.data(), pipeline.block.shape()});
  worker.backend->add_bias(model_->output_offsets(), pipeline.block);
  if (!pipeline.search) pipeline.search = worker.search->open();
  return SearchInput{pipeline.search.get(), keep_rows(*worker.backend, pipeline.block, rows)};
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
  const BestPath ending = worker.search->best_path(*pipeline.search, true);
  EndpointState state =
      endpoint_state(path, model_->graph().frame_labels, pipeline.skipper, model_->frame_s());
  if (ending.reached_final) state.ending_cost = ending.cost - path.cost;
  const bool has_label = state.trailing_silence_s < state.utterance_s;
  const bool is_word_finished =
      has_label && ending.reached_final && state.trailing_silence_s >= kWordEndSilence_s;
  const BestPath& shown = is_word_finished ? ending : path;
  state.has_words = has_words(shown);
  if (options_.endpoints && is_endpoint(pipeline.endpoint_rules, state)) {
    if (has_label && has_words(ending)) handler(make_event(EventKind::kFinal, ending));
    pipeline.search.reset();
    pipeline.utterance_begin_frame += pipeline.skipper.frame_count();
    pipeline.skipper = BlankSkipper(static_cast<float>(model_->description().blank_skip_threshold));
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
