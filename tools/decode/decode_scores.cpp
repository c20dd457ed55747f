#include "tools/decode/decode_scores.hpp"

#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "service/recognizer/score_decoder.hpp"
#include "tools/decode/score_files.hpp"

namespace harpy::tools {

namespace {

/// An utterance in the order of the files; without scores where they could not be read.
struct NumberedUtterance {
  std::size_t number = 0;
  std::string error;
  ScoredUtterance utterance;
};

/// Reads the files for several threads.
class UtteranceSource {
 public:
  explicit UtteranceSource(const std::vector<std::filesystem::path>& files) : files_(files) {}

  /// The next utterance; nothing at the end, or once stop was called.
  std::optional<NumberedUtterance> next() {
    const std::lock_guard lock(mutex_);
    while (!is_stopped_ && (file_ || next_file_ < files_.size())) {
      try {
        if (!file_) file_ = open_score_file(files_[next_file_++]);
        std::optional<ScoredUtterance> read = file_->next();
        if (!read) {
          file_.reset();
          continue;
        }
        if (!ids_.insert(read->id).second) {
          throw std::runtime_error(read->place + ": an utterance before has the same id, \"" +
                                   read->id + "\"");
        }
        return NumberedUtterance{.number = count_++, .utterance = std::move(*read)};
      } catch (const std::exception& error) {
        return NumberedUtterance{.number = count_++, .error = error.what()};
      }
    }
    return std::nullopt;
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
  }

 private:
  const std::vector<std::filesystem::path>& files_;
  std::mutex mutex_;  ///< guards what follows
  std::unique_ptr<ScoreFile> file_;
  std::size_t next_file_ = 0;
  std::size_t count_ = 0;
  std::set<std::string> ids_;
  bool is_stopped_ = false;
};

/// Hands results over in their order.
class OrderedResults {
 public:
  explicit OrderedResults(const DecodedConsumer& consume) : consume_(consume) {}

  void put(std::size_t number, Recording recording, Transcription result) {
    const std::lock_guard lock(mutex_);
    waiting_.emplace(number, std::pair(std::move(recording), std::move(result)));
    for (auto first = waiting_.begin(); first != waiting_.end() && first->first == next_;
         first = waiting_.erase(first)) {
      ++next_;
      consume_(first->second.first, first->second.second);
    }
  }

 private:
  const DecodedConsumer& consume_;
  std::mutex mutex_;  ///< guards what follows
  std::map<std::size_t, std::pair<Recording, Transcription>> waiting_;
  std::size_t next_ = 0;
};

/// The next utterance that can be decoded; others get their errors.
std::optional<ScoreDecoder::Utterance> next_decodable(const ScoreDecoding& decoding,
                                                      UtteranceSource& source,
                                                      OrderedResults& results) {
  while (std::optional<NumberedUtterance> next = source.next()) {
    const std::size_t number = next->number;
    ScoredUtterance& utterance = next->utterance;
    Recording recording{.id = utterance.id, .name = output_name(utterance.id)};
    Transcription result{.error = next->error};
    const auto frames = static_cast<double>(utterance.scores.frame_count);
    try {
      if (result.error.empty()) {
        arrange_scores(utterance.scores, *decoding.model->package, decoding.layout);
      }
    } catch (const std::invalid_argument& error) {
      result.error = utterance.place + ": " + error.what();
    }
    if (!result.error.empty()) {
      results.put(number, std::move(recording), std::move(result));
      continue;
    }
    result.duration_s = frames * decoding.model->frame_s;
    return ScoreDecoder::Utterance{
        .scores = std::move(utterance.scores),
        .on_final = [&results, number, recording = std::move(recording),
                     result = std::move(result)](const SessionEvent& event) {
          Transcription decoded = result;
          if (!event.words.empty()) decoded.finals.push_back(event);
          results.put(number, recording, std::move(decoded));
        }};
  }
  return std::nullopt;
}

}  // namespace

void decode_scores(const ScoreDecoding& decoding, const DecodedConsumer& consume) {
  UtteranceSource source(decoding.files);
  OrderedResults results(consume);
  std::mutex mutex;
  std::exception_ptr failure;
  const auto work = [&] {
    try {
      ScoreDecoder decoder(decoding.model, decoding.device, decoding.session, decoding.steering);
      decoder.run([&] { return next_decodable(decoding, source, results); });
    } catch (...) {
      source.stop();
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int index = 1; index < decoding.threads; ++index) threads.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace harpy::tools
