#pragma once

#include <sndfile.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "tests/frontend/audio/sound_writer.hpp"

namespace harpy::testing {

/// Recordings of a language of three sounds, each a tone of its own, for trainings that take a
/// second: a folder with audio/, lexicon.dict, recipe.json and manifests.
class ToneWords {
 public:
  struct Utterance {
    std::string id;
    std::string text;
    double duration_s = 0.0;
  };

  explicit ToneWords(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_ / "audio");
    std::ofstream(path("lexicon.dict")) << "BEE B E\nABE A B E\nEBB E B\nBAE B A E\n";
    std::ofstream(path("recipe.json")) << recipe();
  }

  std::filesystem::path path(const std::string& name) const { return folder_ / name; }

  /// Records utterances of one to three words and appends them to a list; ids begin with `name`.
  std::vector<Utterance> record(const std::string& name, int count) const {
    static const std::vector<std::string> kWords{"BEE", "ABE", "EBB", "BAE"};
    std::seed_seq seed(name.begin(), name.end());
    std::mt19937 random(seed);
    std::vector<Utterance> made;
    for (int i = 0; i < count; ++i) {
      Utterance utterance{name + std::to_string(i), kWords[random() % kWords.size()], 0.0};
      for (auto more = random() % 3; more > 0; --more) {
        utterance.text += " " + kWords[random() % kWords.size()];
      }
      utterance.duration_s = record_text(utterance.id, utterance.text);
      made.push_back(utterance);
    }
    return made;
  }

  /// Records one text under an id; returns its seconds.
  double record_text(const std::string& id, const std::string& text) const {
    std::vector<float> samples;
    for (const char letter : text) {
      const double hz = letter == 'A' ? 400.0 : letter == 'B' ? 1200.0 : 3000.0;
      const double level = letter == ' ' ? 0.0 : 0.3;
      for (int i = 0; i < kRate / 12; ++i) {
        const auto n = static_cast<double>(samples.size());
        samples.push_back(
            static_cast<float>(level * std::sin(2.0 * 3.14159265358979 * hz * n / kRate)));
      }
    }
    write_sound(audio(id), {.sample_rate_hz = kRate}, samples);
    return static_cast<double>(samples.size()) / kRate;
  }

  std::filesystem::path audio(const std::string& id) const {
    return folder_ / "audio" / (id + ".wav");
  }

  /// Writes a manifest of utterances, and returns its path.
  std::filesystem::path manifest(const std::string& name,
                                 const std::vector<Utterance>& utterances) const {
    std::ofstream stream(path(name));
    for (const Utterance& utterance : utterances) {
      stream << R"({"id": ")" << utterance.id << R"(", "audio": "audio/)" << utterance.id
             << R"(.wav", "text": ")" << utterance.text << "\"}\n";
    }
    return path(name);
  }

 private:
  static constexpr int kRate = 8000;

  static std::string recipe() {
    return R"({
      "features": {"kind": "log_mel", "bin_count": 16, "sample_rate_hz": 8000},
      "network": {
        "input_dim": 16,
        "trunk": [
          {"type": "batch_norm"},
          {"type": "convolution", "output_dim": 24, "kernel": 5, "stride": 2, "left": 2},
          {"type": "relu"}, {"type": "batch_norm"}],
        "heads": {"ctc": [{"type": "linear", "output_dim": 4}, {"type": "log_softmax"}]}},
      "augmentation": {"tempo_range": 0.1, "frequency_warp_range": 0.02, "level_range": 1.0,
        "time_masks": 1, "time_mask_frames": 4, "frequency_masks": 0},
      "learning_rate": {"peak": 0.01, "warmup_steps": 10},
      "batch_frames": 150, "epochs": 4, "seed": 5, "average_decay": 0.95,
      "gradient_norm_limit": 5.0})";
  }

  std::filesystem::path folder_;
};

}  // namespace harpy::testing
