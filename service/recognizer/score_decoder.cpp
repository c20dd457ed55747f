#include "service/recognizer/score_decoder.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "decoder/search/make_beam_search.hpp"

namespace harpy {

namespace {

/// Frames that are searched together: enough for a GPU to be busy between two launches.
constexpr std::int64_t kBlockFrames = 32;
/// Values of all matrices that wait in memory, beside the last one: 1 GiB.
constexpr std::size_t kMostWaitingValues = std::size_t{1} << 28U;

void take_penalty(ScoreMatrix& scores, float penalty) {
  const auto columns = static_cast<std::size_t>(scores.column_count);
  for (std::size_t i = 0; i < scores.values.size(); i += columns) scores.values[i] -= penalty;
}

SessionOptions whole_utterances(SessionOptions options) {
  options.endpoints = false;
  options.partials = false;
  options.speech_starts = false;
  return options;
}

}  // namespace

struct ScoreDecoder::Work {
  Utterance utterance;
  UtteranceSearch search;
  std::int64_t frame = 0;  ///< that is searched next

  std::int64_t next_frames() const {
    return std::min(kBlockFrames, utterance.scores.frame_count - frame);
  }
};

ScoreDecoder::ScoreDecoder(std::shared_ptr<const DecodingModel> model, Device device,
                           const SessionOptions& session, std::shared_ptr<const Steering> steering)
    : model_(std::move(model)),
      session_(whole_utterances(session)),
      steering_(std::move(steering)),
      backend_(create_backend({.device = device})),
      search_(make_beam_search(model_->graph(), model_->search, *backend_)) {
  if (model_->blank_skip_threshold < 1.0 &&
      model_->package->frame_labels.topology != Topology::kCtc) {
    throw std::invalid_argument("frames are skipped in graphs of the topology ctc alone");
  }
}

ScoreDecoder::~ScoreDecoder() = default;

void ScoreDecoder::run(const Source& source) {
  is_at_end_ = false;
  works_.clear();
  for (fill(source); !works_.empty(); fill(source)) {
    advance();
    for (auto work = works_.begin(); work != works_.end();) {
      const bool is_done = work->frame == work->utterance.scores.frame_count;
      if (is_done) work->search.end({*search_, device_}, work->utterance.on_final);
      work = is_done ? works_.erase(work) : std::next(work);
    }
  }
}

void ScoreDecoder::fill(const Source& source) {
  const std::size_t most = backend_->device().kind == DeviceKind::kCpu ? 1 : kSessionsOnGpu;
  std::size_t waiting_values = 0;
  for (const Work& work : works_) waiting_values += work.utterance.scores.values.size();
  while (!is_at_end_ && works_.size() < most && waiting_values < kMostWaitingValues) {
    std::optional<Utterance> next = source();
    is_at_end_ = !next.has_value();
    if (is_at_end_) return;
    waiting_values += next->scores.values.size();
    take_penalty(next->scores, static_cast<float>(model_->blank_penalty));
    works_.push_back({.utterance = std::move(*next), .search = UtteranceSearch(model_, session_)});
    works_.back().search.steer(steering_);
  }
}

void ScoreDecoder::advance() {
  block_.clear();
  for (const Work& work : works_) {
    const ScoreMatrix& scores = work.utterance.scores;
    const auto begin = scores.values.begin() + work.frame * scores.column_count;
    block_.insert(block_.end(), begin, begin + work.next_frames() * scores.column_count);
  }
  if (block_.empty()) return;
  const std::int64_t columns = works_.front().utterance.scores.column_count;
  const auto rows = static_cast<std::int64_t>(block_.size()) / columns;
  Tensor on_device = backend_->from_host({rows, columns}, block_);
  std::vector<SearchInput> batch;
  std::int64_t row = 0;
  for (Work& work : works_) {
    const std::int64_t frames = work.next_frames();
    if (frames == 0) continue;
    const SearchInput input =
        work.search.next_input(*backend_, *search_, slice_rows(on_device.view(), row, frames));
    if (input.log_likelihoods.rows() > 0) batch.push_back(input);
    row += frames;
    work.frame += frames;
  }
  if (!batch.empty()) search_->advance(batch);
}

}  // namespace harpy
