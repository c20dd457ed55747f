#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "tools/commands.hpp"
#include "tools/computing.hpp"
#include "tools/endpoint_options.hpp"
#include "tools/model/model_choice.hpp"
#include "tools/named_choice.hpp"
#include "tools/rescoring_options.hpp"
#include "tools/search_options.hpp"
#include "tools/terminal/messages.hpp"
#include "tools/transcribe/ordered_transcriber.hpp"
#include "tools/transcribe/output_options.hpp"
#include "tools/transcribe/steering_options.hpp"
#include "tools/transcribe/transcription_progress.hpp"

namespace harpy::tools {

namespace {

constexpr const char* kMixChannels = "mix";
constexpr const char* kEachChannel = "each";
constexpr int kMostChannels = 8;
/// Of a recording, read ahead of its recognition: a few turns of a worker.
constexpr double kMaxPending_s = 8.0;

struct TranscribeOptions {
  std::filesystem::path model;
  RecordingRequest request;
  PcmCoding raw_coding = PcmCoding::kS16;
  PcmFormat raw;
  std::string channel = kMixChannels;
  OutputOptions output;
  bool whole = false;
  bool is_first_pass_only = false;
  bool written = false;
  int jobs = 0;
  ComputingOptions computing;
  SearchOverrides search;
  SteeringFiles steering;
  EndpointTimes endpoint_times;
};

/// Checks --channel: mix, each or a number from 1.
std::string check_transcribed_channel(const std::string& text) {
  if (text == kMixChannels || text == kEachChannel) return {};
  if (text.size() == 1 && text[0] >= '1' && text[0] <= '0' + kMostChannels) return {};
  return "expected mix, each or a channel from 1 to 8, got " + text;
}

/// Refuses what cannot be written, before any work is done.
void check_output(const OutputOptions& options, const RecordingList& list) {
  check_formats(options, list.recordings().size() == 1);
  const OutputFormat format = options.chosen_formats()[0];
  const bool tells_names_apart =
      !options.folder.empty() || format == OutputFormat::kCtm || format == OutputFormat::kStm;
  if (tells_names_apart) list.check_names_differ();
}

SessionOptions session_options(const TranscribeOptions& options, const SteeringRequest& steering) {
  SessionOptions session{.endpoints = !options.whole,
                         .endpoint_times = options.endpoint_times,
                         .steering = steering,
                         .rescoring = !options.is_first_pass_only,
                         .written = options.written};
  options.output.ask(session);
  return session;
}

/// Seconds of all recordings; absent if one of them does not tell.
std::optional<double> total_length_s(const std::vector<Recording>& recordings) {
  double total_s = 0.0;
  for (const Recording& recording : recordings) {
    const std::optional<double> length_s = recording_length_s(recording);
    if (!length_s) return {};
    total_s += *length_s;
  }
  return total_s;
}

void transcribe_all(const TranscribeOptions& options) {
  const RecordingList list(options.request, std::cin);
  for (const std::string& note : list.notes()) tell_warning(note);
  check_output(options.output, list);
  const SteeringRequest steering = read_steering_files(options.steering);
  const std::vector<Recording>& recordings = list.recordings();

  const ModelChoice model_choice = choose_model(options.model);
  tell_model(model_choice);
  const Computing computing = choose_computing(options.computing);
  if (!computing.fallback_reason.empty()) {
    std::fprintf(stderr, "harpy: on the CPU: %s\n", computing.fallback_reason.c_str());
  }
  const RecognizerThreads threads =
      recognizer_threads(computing.device, options.jobs, recordings.size());
  const auto backend =
      create_backend({.device = computing.device, .precision = computing.precision});
  const auto model = ModelPackage::load(*backend, model_choice.folder, options.search);
  if (options.written && model->decoding()->written_form == nullptr) {
    throw std::runtime_error("--written: the model " + model_choice.folder.string() +
                             " names no written form of its language");
  }
  const auto output =
      options.output.make_writer(recordings.size() == 1, json_header(model->description()));
  const auto say_lost = [](const std::string& reason) {
    std::fprintf(stderr, "harpy: the device is lost, the CPU takes over: %s\n", reason.c_str());
  };
  Recognizer recognizer(model, {.device = computing.device,
                                .precision = computing.precision,
                                .worker_count = threads.workers,
                                .on_device_lost = say_lost,
                                .max_pending_s = kMaxPending_s});
  recognizer.prepare(steering);

  const bool is_shown = ProgressBar::can_draw(stderr);
  TranscriptionProgress progress(stderr, recordings.size(),
                                 is_shown ? total_length_s(recordings) : std::optional<double>());
  AudioProgress audio_progress;
  if (is_shown) audio_progress = [&progress](double seconds) { progress.add_audio(seconds); };
  std::map<const Recording*, std::string> failures;  // in the recordings' order
  OrderedTranscriber transcriber(recognizer, recordings,
                                 {.sessions = threads.sessions,
                                  .readers = threads.readers,
                                  .in_order = options.output.folder.empty(),
                                  .transcribing = {.session = session_options(options, steering),
                                                   .progress = std::move(audio_progress)},
                                  .on_recording_done = [&progress] { progress.add_recording(); }});
  transcriber.run([&](const Recording& recording, const Transcription& result) {
    if (!result.error.empty()) {
      failures.emplace(&recording, result.error);
      return;
    }
    if (options.output.folder.empty() || !result.notes.empty()) progress.hide();
    for (const std::string& note : result.notes) tell_warning(note);
    output->add(recording, result);
  });
  progress.hide();
  if (failures.size() < recordings.size()) output->finish();
  std::vector<std::string> reasons;
  reasons.reserve(failures.size());
  for (const auto& [recording, reason] : failures) reasons.push_back(reason);
  throw_failures(reasons, recordings.size(), "recordings could not be transcribed");
}

void add_input_options(CLI::App& command, TranscribeOptions& options) {
  command
      .add_option("FILE", options.request.inputs,
                  "Recordings (WAV, FLAC, Ogg, MP3 and more, any sample rate), folders of them, or "
                  "- for standard input")
      ->default_str("");
  command.add_option("--manifest", options.request.manifest,
                     "Transcribe the recordings of a manifest: JSON lines or a Kaldi data "
                     "directory");
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
          .add_option("--raw", options.raw_coding,
                      "The input has no header; its samples are 16-bit integers or 32-bit floats "
                      "(little-endian), mu-law or A-law")
          ->transform(choice_of(kCodings))
          ->type_name("TEXT")
          ->default_str("");
  command.add_option("--rate", options.raw.sample_rate_hz, "Sample rate of --raw input, in Hz")
      ->check(CLI::Range(4000, 192000))
      ->needs(raw);
  command.add_option("--channels", options.raw.channel_count, "Channels of --raw input")
      ->check(CLI::Range(1, kMostChannels))
      ->needs(raw);
}

void add_result_options(CLI::App& command, TranscribeOptions& options) {
  add_output_options(command, options.output);
  command.add_flag(
      "--written", options.written,
      "Write numbers, dates, amounts and the like as they are written, with capitals "
      "and marks: \"25% of it.\" (text, srt, vtt; in json and jsonl beside the words)");
  add_rescoring_options(command, options.search.rescoring);
  command.add_flag("--no-rescore", options.is_first_pass_only,
                   "Leave out the second pass that the model package asks for");
}

void add_working_options(CLI::App& command, TranscribeOptions& options) {
  command.add_flag("--whole", options.whole,
                   "Take each recording as one utterance; without it, long silences end "
                   "utterances (needed for hours)");
  command
      .add_option("--jobs", options.jobs,
                  "Recordings at a time; 0: as many as the machine has cores, " +
                      std::to_string(kSessionsOnGpu) + " on a GPU")
      ->check(CLI::NonNegativeNumber);
  add_computing_options(command, options.computing, false);
  add_search_options(command, options.search, true);
}

}  // namespace

void add_transcribe_command(CLI::App& program) {
  auto options = std::make_shared<TranscribeOptions>();
  CLI::App* command = program.add_subcommand("transcribe", "Turn recordings into text");
  add_input_options(*command, *options);
  command
      ->add_option("--model", options->model,
                   "Model package (a folder); without it the default model, of the installation or "
                   "of the checkout that the program was built in")
      ->envname("HARPY_MODEL");
  add_result_options(*command, *options);
  add_working_options(*command, *options);
  add_endpoint_options(*command, options->endpoint_times);
  add_steering_options(*command, options->steering);
  command->callback([options, command] {
    if (command->count("--raw") > 0) {
      options->raw.coding = options->raw_coding;
      options->request.raw = options->raw;
    }
    options->request.each_channel = options->channel == kEachChannel;
    if (options->channel != kMixChannels && !options->request.each_channel) {
      options->request.channel = std::stoi(options->channel) - 1;
    }
    transcribe_all(*options);
  });
}

}  // namespace harpy::tools
