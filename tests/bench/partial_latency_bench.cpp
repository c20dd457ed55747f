// How long words take to be seen, counted in audio, so that the machine's speed does not matter:
//   partial_latency_bench MODEL FRAME_MS RECORDING…
// Pushes each recording in frames of FRAME_MS and waits for each to be recognised. Prints
// percentiles of what lies, in milliseconds of audio, between a word's end (the recogniser's) and
// the end of the frame after which a partial first had
//   partial: so many words,
//   word: this word at its place,
// and the words that took longest.
#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

#include "frontend/audio/audio_file.hpp"
#include "service/recognizer/recognizer.hpp"
#include "tests/bench/measurement.hpp"

namespace {

/// What a partial or final showed, and the audio that had been pushed by then.
struct Shown {
  double pushed_s = 0.0;
  std::vector<harpy::RecognizedWord> words;
};

struct Latency {
  double partial_ms = 0.0;
  double word_ms = 0.0;
  std::string description;
};

std::string joined(const std::vector<harpy::RecognizedWord>& words) {
  return harpy::SessionEvent{.words = words, .error = {}}.text();
}

/// Streams one recording.
class Probe {
 public:
  Probe(harpy::Recognizer& recognizer, const char* path, std::vector<Latency>& latencies)
      : file_(path), latencies_(latencies) {
    session_ = recognizer.open(
        {.sample_rate_hz = static_cast<double>(file_.sample_rate_hz()), .progress = true},
        [this](const harpy::SessionEvent& event) { accept(event); });
  }

  void run(double frame_s) {
    harpy::MonoReader reader(file_);
    std::vector<float> samples;
    for (auto block = reader.read(); !block.empty(); block = reader.read()) {
      samples.insert(samples.end(), block.begin(), block.end());
    }
    const auto frame_samples = static_cast<std::size_t>(frame_s * file_.sample_rate_hz());
    for (std::size_t begin = 0; begin < samples.size(); begin += frame_samples) {
      const std::size_t count = std::min(frame_samples, samples.size() - begin);
      {
        const std::lock_guard lock(mutex_);
        pushed_ += static_cast<std::int64_t>(count);
      }
      session_->push({samples.data() + begin, count});
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return done_ == pushed_ || ended_; });
    }
    session_->finish();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ended_; });
  }

 private:
  void accept(const harpy::SessionEvent& event) {
    const std::lock_guard lock(mutex_);
    const double pushed_s = static_cast<double>(pushed_) / file_.sample_rate_hz();
    switch (event.kind) {
      case harpy::EventKind::kPartial:
        shown_.push_back({pushed_s, event.words});
        break;
      case harpy::EventKind::kFinal:
        shown_.push_back({pushed_s, event.words});
        measure(event.words);
        shown_.clear();
        break;
      case harpy::EventKind::kProgress:
        done_ = event.sample_count;
        break;
      case harpy::EventKind::kError:
        std::fprintf(stderr, "%s\n", event.error.c_str());
        ended_ = true;
        break;
      case harpy::EventKind::kEnd:
        ended_ = true;
        break;
      case harpy::EventKind::kSpeechStart:
      case harpy::EventKind::kRoom:
        break;
    }
    changed_.notify_all();
  }

  void measure(const std::vector<harpy::RecognizedWord>& words) {
    for (std::size_t index = 0; index < words.size(); ++index) {
      const auto has_word = [&](const Shown& shown) { return shown.words.size() > index; };
      const auto shows_word = [&](const Shown& shown) {
        return has_word(shown) && shown.words[index].text == words[index].text;
      };
      const auto first = std::find_if(shown_.begin(), shown_.end(), has_word);
      const auto right = std::find_if(shown_.begin(), shown_.end(), shows_word);
      const auto latency_ms = [&](const auto& shown) {
        return 1000.0 * (shown->pushed_s - words[index].end_s);
      };
      const std::string before = first == shown_.begin() ? "" : joined(std::prev(first)->words);
      latencies_.push_back({latency_ms(first), latency_ms(right),
                            "word " + std::to_string(index) + " " + words[index].text +
                                "\n    before: " + before +
                                "\n    after:  " + joined(first->words)});
    }
  }

  harpy::AudioFile file_;
  std::vector<Latency>& latencies_;
  std::shared_ptr<harpy::Session> session_;
  std::mutex mutex_;  ///< guards what follows
  std::condition_variable changed_;
  std::vector<Shown> shown_;  ///< since the last final
  std::int64_t pushed_ = 0;
  std::int64_t done_ = 0;
  bool ended_ = false;
};

void print(const char* name, const std::vector<Latency>& latencies, double Latency::*value) {
  std::vector<float> values_ms;
  for (const Latency& latency : latencies) {
    values_ms.push_back(static_cast<float>(latency.*value));
  }
  harpy::bench::print_percentiles(name, values_ms);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: partial_latency_bench MODEL FRAME_MS RECORDING...\n");
    return 2;
  }
  const auto backend = harpy::create_backend({});
  harpy::Recognizer recognizer(harpy::ModelPackage::load(*backend, argv[1]), {});
  std::vector<Latency> latencies;
  for (int index = 3; index < argc; ++index) {
    Probe(recognizer, argv[index], latencies).run(std::atof(argv[2]) / 1000.0);
  }
  if (latencies.empty()) {
    std::fprintf(stderr, "partial_latency_bench: no words\n");
    return 1;
  }
  print("partial", latencies, &Latency::partial_ms);
  print("word", latencies, &Latency::word_ms);
  std::sort(latencies.begin(), latencies.end(),
            [](const Latency& a, const Latency& b) { return a.partial_ms > b.partial_ms; });
  std::puts("longest:");
  for (std::size_t i = 0; i < std::min<std::size_t>(20, latencies.size()); ++i) {
    std::printf("  %.0f ms: %s\n", latencies[i].partial_ms, latencies[i].description.c_str());
  }
  return 0;
}
