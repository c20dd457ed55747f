#include "tools/transcribe/input_options.hpp"

#include <map>
#include <string>

#include <CLI/CLI.hpp>

#include "tools/options/named_choice.hpp"

namespace harpy::tools {

namespace {

constexpr const char* kMixChannels = "mix";
constexpr const char* kEachChannel = "each";
constexpr int kMostChannels = 8;

/// Checks --channel: mix, each or a number from 1.
std::string check_transcribed_channel(const std::string& text) {
  if (text == kMixChannels || text == kEachChannel) return {};
  if (text.size() == 1 && text[0] >= '1' && text[0] <= '0' + kMostChannels) return {};
  return "expected mix, each or a channel from 1 to 8, got " + text;
}

}  // namespace

RecordingRequest InputOptions::chosen() const {
  RecordingRequest chosen = request;
  if (is_raw) chosen.raw = raw;
  chosen.each_channel = channel == kEachChannel;
  if (channel != kMixChannels && !chosen.each_channel) chosen.channel = std::stoi(channel) - 1;
  return chosen;
}

void add_input_options(CLI::App& command, InputOptions& options) {
  command
      .add_option("FILE", options.request.inputs,
                  "Recordings (WAV, FLAC, Ogg, MP3 and more, any sample rate), folders of them, or "
                  "- for standard input")
      ->default_str("");
  command.add_option("--manifest", options.request.manifest,
                     "A list of recordings: JSON lines or a Kaldi data directory");
  command.add_flag("--strict", options.request.is_strict,
                   "Refuse a Kaldi data directory with lines that belong to no recording, instead "
                   "of passing over them");
  command
      .add_option("--channel", options.channel,
                  "Which channel to transcribe, from 1; mix: the mean of all; each: one after "
                  "another, as recordings of their own")
      ->check(CLI::Validator(check_transcribed_channel, "{mix,each,1,2,3,4,5,6,7,8}", "channel"));
  command.add_flag("--ffmpeg", options.request.with_ffmpeg,
                   "Let the program ffmpeg, which must be installed, decode what only it can read: "
                   "WebM, MP4, M4A, MKV, AAC, WMA and more");
  static const std::map<std::string, PcmCoding> kCodings{{"s16", PcmCoding::kS16},
                                                         {"float", PcmCoding::kFloat32},
                                                         {"mulaw", PcmCoding::kMuLaw},
                                                         {"alaw", PcmCoding::kALaw}};
  CLI::Option* raw =
      command
          .add_option("--raw", options.raw.coding,
                      "The input has no header; its samples are 16-bit integers or 32-bit floats "
                      "(little-endian), mu-law or A-law")
          ->transform(choice_of(kCodings))
          ->type_name("TEXT")
          ->default_str("")
          ->each([&options](const std::string&) { options.is_raw = true; });
  command.add_option("--rate", options.raw.sample_rate_hz, "Sample rate of --raw input, in Hz")
      ->check(CLI::Range(4000, 192000))
      ->needs(raw);
  command.add_option("--channels", options.raw.channel_count, "Channels of --raw input")
      ->check(CLI::Range(1, kMostChannels))
      ->needs(raw);
}

}  // namespace harpy::tools
