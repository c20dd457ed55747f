#include "tools/info/info_features.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <ostream>
#include <stdexcept>

#include <unistd.h>

#include "frontend/audio/audio_file.hpp"
#include "frontend/audio/resampler.hpp"
#include "frontend/feature_pipeline.hpp"
#include "models/files/escaped_text.hpp"
#include "models/files/replacement_file.hpp"
#include "service/recognizer/model_description.hpp"
#include "tools/info/feature_axis.hpp"
#include "tools/pictures/spectrogram_image.hpp"
#include "tools/terminal/messages.hpp"

namespace harpy::tools {

namespace {

namespace fs = std::filesystem;

constexpr int kMostColumns = 1200;

/// Takes features as they are computed, frame by frame, each of all channels.
class FeatureSink {
 public:
  virtual ~FeatureSink() = default;
  virtual void accept(std::size_t channel, std::int64_t frame, std::span<const float> values) = 0;
  virtual void finish() = 0;
};

/// Seconds from the start of the recording to the middle of a frame.
double frame_time_s(const FeatureExtractor& extractor, std::int64_t frame) {
  const double middle =
      static_cast<double>(extractor.first_sample(frame)) + extractor.frame_length_samples() / 2.0;
  return middle / extractor.sample_rate_hz();
}

class FeatureTable : public FeatureSink {
 public:
  FeatureTable(const FeatureExtractor& extractor, std::size_t channel_count, std::FILE* file)
      : extractor_(extractor), has_channels_(channel_count > 1), file_(file) {
    std::string heading = has_channels_ ? "time_s\tchannel" : "time_s";
    for (const std::string& name : feature_names(extractor)) heading += "\t" + name;
    std::fprintf(file_, "%s\n", heading.c_str());
  }

  void accept(std::size_t channel, std::int64_t frame, std::span<const float> values) override {
    std::fprintf(file_, "%.4f", frame_time_s(extractor_, frame));
    if (has_channels_) std::fprintf(file_, "\t%zu", channel + 1);
    for (const float value : values) std::fprintf(file_, "\t%.6g", static_cast<double>(value));
    std::fputc('\n', file_);
  }

  void finish() override {
    if (std::fflush(file_) != 0) throw std::runtime_error("the table cannot be written");
  }

 private:
  const FeatureExtractor& extractor_;
  const bool has_channels_;
  std::FILE* file_;
};

class FeaturePicture : public FeatureSink {
 public:
  FeaturePicture(const FeatureExtractor& extractor, std::size_t channel_count, std::string title,
                 bool is_svg, std::FILE* file)
      : extractor_(extractor),
        title_(std::move(title)),
        is_svg_(is_svg),
        file_(file),
        channels_(channel_count, FrameColumns(extractor.dim(), kMostColumns)) {}

  void accept(std::size_t channel, std::int64_t, std::span<const float> values) override {
    channels_[channel].append(values);
  }

  void finish() override {
    std::vector<SpectrogramPanel> panels;
    for (std::size_t c = 0; c < channels_.size(); ++c) {
      const std::vector<float> values = channels_[c].values();
      for (int order = 0; order <= extractor_.options().delta_order; ++order) {
        panels.push_back(make_panel(values, c, order));
      }
    }
    const double shift_s = extractor_.frame_shift_s();
    const Picture picture = draw_spectrograms(
        {.title = title_,
         .start_s = frame_time_s(extractor_, 0) - shift_s / 2.0,
         .column_s = shift_s * static_cast<double>(channels_.front().frames_per_column())},
        panels);
    const std::string bytes = is_svg_ ? to_svg(picture) : to_png(picture);
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) {
      throw std::runtime_error("the picture cannot be written");
    }
  }

 private:
  /// The values of one channel, or their slopes.
  SpectrogramPanel make_panel(const std::vector<float>& values, std::size_t channel,
                              int order) const {
    const auto rows = static_cast<std::size_t>(extractor_.frame_dim());
    const auto dim = static_cast<std::size_t>(extractor_.dim());
    SpectrogramPanel panel{
        .title = channels_.size() > 1 ? "channel " + std::to_string(channel + 1) : "",
        .axis = feature_axis(extractor_),
        .row_count = extractor_.frame_dim(),
        .values = {}};
    if (order > 0) {
      panel.title += panel.title.empty() ? "slopes" : ", slopes";
      if (order > 1) panel.title += " of order " + std::to_string(order);
      panel.axis.is_power = false;
      panel.axis.value_label = "slope a frame";
    }
    for (std::size_t at = static_cast<std::size_t>(order) * rows; at < values.size(); at += dim) {
      const auto begin = values.begin() + static_cast<std::ptrdiff_t>(at);
      panel.values.insert(panel.values.end(), begin, begin + static_cast<std::ptrdiff_t>(rows));
    }
    return panel;
  }

  const FeatureExtractor& extractor_;
  std::string title_;
  bool is_svg_;
  std::FILE* file_;
  std::vector<FrameColumns> channels_;
};

/// The features of one channel, from samples of the file's rate.
class ChannelFeatures {
 public:
  ChannelFeatures(const FeatureExtractor& extractor, int sample_rate_hz)
      : pipeline_(extractor), resampler_(sample_rate_hz, extractor.sample_rate_hz()) {}

  void accept(std::span<const float> samples) {
    resampler_.process(samples, resampled_);
    pass_on();
  }
  void finish() {
    resampler_.finish(resampled_);
    pass_on();
    pipeline_.finish();
  }
  FeaturePipeline& output() { return pipeline_; }

 private:
  void pass_on() {
    pipeline_.accept(resampled_);
    resampled_.clear();
  }

  FeaturePipeline pipeline_;
  Resampler resampler_;
  std::vector<float> resampled_;
};

/// Reads a recording once and hands the frames of its channels to a sink.
class FeatureRun {
 public:
  FeatureRun(AudioSource& source, const FeatureExtractor& extractor, const std::string& channel)
      : source_(source) {
    if (channel == "each") {
      each_.emplace(source);
    } else {
      ChannelSelection selection;
      if (channel != "mix") selection.channel = std::stoi(channel) - 1;
      if (selection.channel >= source.channel_count()) {
        throw std::runtime_error(source.name() + ": has no channel " + channel + ", only " +
                                 std::to_string(source.channel_count()));
      }
      mono_.emplace(source, 0.0, std::nullopt, selection);
    }
    for (int c = 0; c < (each_ ? each_->channel_count() : 1); ++c) {
      channels_.push_back(std::make_unique<ChannelFeatures>(extractor, source.sample_rate_hz()));
    }
  }

  std::size_t channel_count() const { return channels_.size(); }
  /// What the user should know of the recording and its mix.
  std::vector<std::string> notes() const { return mono_ ? mono_->notes() : source_.notes(); }

  /// Returns how many frames a channel has.
  std::int64_t run(FeatureSink& sink) {
    while (read()) hand_over(sink);
    for (const auto& channel : channels_) channel->finish();
    hand_over(sink);
    return frame_;
  }

 private:
  bool read() {
    if (each_) {
      if (each_->read() == 0) return false;
      for (int c = 0; c < each_->channel_count(); ++c) {
        channels_[static_cast<std::size_t>(c)]->accept(each_->channel(c));
      }
      return true;
    }
    const std::span<const float> samples = mono_->read();
    channels_.front()->accept(samples);
    return !samples.empty();
  }

  void hand_over(FeatureSink& sink) {
    for (std::int64_t left = channels_.front()->output().frames_ready(); left > 0; --left) {
      for (std::size_t c = 0; c < channels_.size(); ++c) {
        sink.accept(c, frame_, channels_[c]->output().take(1));
      }
      ++frame_;
    }
  }

  AudioSource& source_;
  std::optional<MonoReader> mono_;
  std::optional<ChannelReader> each_;
  std::vector<std::unique_ptr<ChannelFeatures>> channels_;
  std::int64_t frame_ = 0;
};

FeatureOptions options_of(const FeatureOutput& output) {
  FeatureOptions options;
  if (!output.model.empty()) options = read_model_description(output.model / "model.json").features;
  for (const std::string& setting : output.settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos) {
      throw std::invalid_argument("expected NAME=VALUE, got \"" + setting + "\"");
    }
    set_feature_option(options, setting.substr(0, equals), setting.substr(equals + 1));
  }
  return options;
}

std::unique_ptr<FeatureExtractor> make_extractor(const FeatureOutput& output) {
  return std::make_unique<FeatureExtractor>(options_of(output));
}

std::string title_of(const fs::path& path, const FeatureExtractor& extractor) {
  const FeatureOptions& options = extractor.options();
  return escape_for_line(path.filename().string()) + ": " +
         feature_option_fields(options).front().second + ", " + std::to_string(extractor.dim()) +
         " values every " + std::to_string(std::lround(1000.0 * extractor.frame_shift_s())) + " ms";
}

std::unique_ptr<FeatureSink> make_sink(const fs::path& recording, const fs::path& output,
                                       const FeatureExtractor& extractor, std::size_t channel_count,
                                       std::FILE* file) {
  const std::string ending = output.extension().string();
  if (ending == ".svg" || ending == ".png") {
    return std::make_unique<FeaturePicture>(extractor, channel_count,
                                            title_of(recording, extractor), ending == ".svg", file);
  }
  return std::make_unique<FeatureTable>(extractor, channel_count, file);
}

}  // namespace

void check_feature_settings(const FeatureOutput& output) { make_extractor(output); }

void show_features(const fs::path& path, const FeatureOutput& output) {
  const std::unique_ptr<FeatureExtractor> extractor = make_extractor(output);
  AudioFile source(path);
  FeatureRun run(source, *extractor, output.channel);
  std::optional<ReplacementFile> file;
  if (!output.output.empty()) file.emplace(output.output);
  const auto sink = make_sink(path, output.output, *extractor, run.channel_count(),
                              file ? file->stream() : stdout);
  if (run.run(*sink) == 0) {
    throw std::runtime_error(path.string() +
                             ": is too short for a frame of features, which takes " +
                             std::to_string(extractor->frame_length_samples()) + " samples at " +
                             std::to_string(static_cast<int>(extractor->sample_rate_hz())) + " Hz");
  }
  sink->finish();
  if (file) file->commit();
  for (const std::string& note : run.notes()) tell_warning(path.string() + ": " + note);
}

}  // namespace harpy::tools
