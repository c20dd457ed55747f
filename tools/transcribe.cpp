#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <boost/json.hpp>

#include "acoustic/training/manifest.hpp"
#include "service/recognizer/json_text.hpp"
#include "tools/commands.hpp"
#include "tools/transcription.hpp"

namespace harpy::tools {

namespace {

struct TranscribeOptions {
  std::filesystem::path model;
  std::vector<std::filesystem::path> files;
  std::filesystem::path manifest;
  std::string format = "text";
  bool times = false;
  bool whole = false;
  int jobs = 0;
  std::string device = "cpu";
  SearchOverrides search;
};

std::vector<Recording> recordings_of(const TranscribeOptions& options) {
  std::vector<Recording> recordings;
  for (const auto& file : options.files)
    recordings.push_back({.id = file.string(), .audio = file, .end_s = {}});
  if (!options.manifest.empty()) {
    for (const ManifestEntry& entry : read_manifest(options.manifest)) {
      recordings.push_back(
          {.id = entry.id, .audio = entry.audio, .start_s = entry.start_s, .end_s = entry.end_s});
    }
  }
  if (recordings.empty())
    throw std::runtime_error("nothing to transcribe: name files or a --manifest");
  return recordings;
}

double rounded(double seconds) { return std::round(seconds * 1000.0) / 1000.0; }

void print_json(const Recording& recording, const Transcription& result) {
  boost::json::array words;
  for (const SessionEvent& event : result.finals) {
    for (const RecognizedWord& word : event.words) {
      words.push_back(
          {{"word", word.text}, {"start", rounded(word.start_s)}, {"end", rounded(word.end_s)}});
    }
  }
  const boost::json::object line{{"id", recording.id},
                                 {"audio", recording.audio.string()},
                                 {"duration_s", rounded(result.duration_s)},
                                 {"text", result.text()},
                                 {"words", words}};
  std::printf("%s\n", json_line(line).c_str());
}

void print_text(const TranscribeOptions& options, const Recording& recording,
                const Transcription& result, bool only_one) {
  if (options.times) {
    std::printf("%s (%.2f s)\n", recording.id.c_str(), result.duration_s);
    for (const SessionEvent& event : result.finals) {
      std::printf("  %7.2f - %7.2f  %s\n", event.words.front().start_s, event.words.back().end_s,
                  event.text().c_str());
    }
  } else if (only_one) {
    std::printf("%s\n", result.text().c_str());
  } else {
    std::printf("%s\t%s\n", recording.id.c_str(), result.text().c_str());
  }
}

/// Transcribes `recordings` with several at a time and hands the results over in their order.
class OrderedTranscriber {
 public:
  OrderedTranscriber(Recognizer& recognizer, const std::vector<Recording>& recordings,
                     bool endpoints)
      : recognizer_(recognizer), recordings_(recordings), endpoints_(endpoints) {}

  template <typename Consumer>
  void run(int thread_count, const Consumer& consume) {
    std::vector<std::jthread> threads;
    for (int index = 0; index < thread_count; ++index) threads.emplace_back([this] { read(); });
    for (std::size_t index = 0; index < recordings_.size(); ++index) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return results_.contains(index); });
      auto node = results_.extract(index);
      ++consumed_;
      lock.unlock();
      changed_.notify_all();
      consume(recordings_[index], node.mapped());
    }
  }

 private:
  static constexpr std::size_t kMaxAhead = 64;  ///< results that may wait for an earlier one

  void read() {
    for (;;) {
      std::unique_lock lock(mutex_);
      changed_.wait(
          lock, [this] { return next_ < consumed_ + kMaxAhead || next_ >= recordings_.size(); });
      if (next_ >= recordings_.size()) return;
      const std::size_t index = next_++;
      lock.unlock();
      Transcription result = transcribe(recognizer_, recordings_[index], endpoints_);
      lock.lock();
      results_.emplace(index, std::move(result));
      changed_.notify_all();
    }
  }

  Recognizer& recognizer_;
  const std::vector<Recording>& recordings_;
  const bool endpoints_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::size_t, Transcription> results_;
  std::size_t next_ = 0;
  std::size_t consumed_ = 0;
};

void transcribe_all(const TranscribeOptions& options) {
  const std::vector<Recording> recordings = recordings_of(options);
  const int jobs = options.jobs > 0
                       ? options.jobs
                       : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const Device device = parse_device(options.device);
  const auto backend = create_backend({.device = device});
  Recognizer recognizer(ModelPackage::load(*backend, options.model, options.search),
                        {.device = device, .worker_count = jobs});
  std::size_t failed = 0;
  OrderedTranscriber transcriber(recognizer, recordings, !options.whole);
  transcriber.run(jobs, [&](const Recording& recording, const Transcription& result) {
    if (!result.error.empty()) {
      if (recordings.size() == 1) throw std::runtime_error(result.error);
      ++failed;
      std::fprintf(stderr, "harpy: error: %s\n", result.error.c_str());
    } else if (options.format == "jsonl") {
      print_json(recording, result);
    } else {
      print_text(options, recording, result, recordings.size() == 1);
    }
    std::fflush(stdout);
  });
  if (failed > 0) {
    throw std::runtime_error(std::to_string(failed) + " of " + std::to_string(recordings.size()) +
                             " recordings could not be transcribed");
  }
}

}  // namespace

void add_transcribe_command(CLI::App& program) {
  auto options = std::make_shared<TranscribeOptions>();
  CLI::App* command = program.add_subcommand("transcribe", "Turn recordings into text");
  command->add_option("FILE", options->files,
                      "Recordings: WAV, FLAC, Ogg, MP3 and more, any sample rate");
  command->add_option("--model", options->model, "Model package (a folder)")
      ->required()
      ->envname("HARPY_MODEL");
  command->add_option("--manifest", options->manifest,
                      "Transcribe the recordings of a manifest (JSON lines)");
  command->add_option("--format", options->format, "text, or jsonl: one JSON object a recording")
      ->check(CLI::IsMember({"text", "jsonl"}));
  command->add_flag("--times", options->times,
                    "Print each utterance with its start and end in seconds (text)");
  command->add_flag("--whole", options->whole,
                    "Take each recording as one utterance; without it, long silences end "
                    "utterances (needed for hours)");
  command
      ->add_option("--jobs", options->jobs,
                   "Recordings at a time; 0: as many as the machine has cores")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--device", options->device, "cpu, cuda, cuda:N or auto");
  command->add_option("--beam", options->search.beam,
                      "Search beam, in nats; model's value if not given");
  command->add_option("--max-active", options->search.max_active,
                      "Most tokens a frame; model's value if not given");
  command->add_option("--acoustic-scale", options->search.acoustic_scale,
                      "Factor on acoustic scores; model's value if not given");
  command->add_option(
      "--blank-penalty", options->search.blank_penalty,
      "Nats taken from the blank's score: more words, fewer gaps; model's value if not given");
  command->callback([options] { transcribe_all(*options); });
}

}  // namespace harpy::tools
