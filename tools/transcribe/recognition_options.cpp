#include "tools/transcribe/recognition_options.hpp"

#include <cstdio>
#include <stdexcept>
#include <string>

#include <CLI/CLI.hpp>

#include "tools/model/model_choice.hpp"
#include "tools/options/endpoint_options.hpp"
#include "tools/options/rescoring_options.hpp"
#include "tools/options/search_options.hpp"
#include "tools/transcribe/steering_options.hpp"

namespace harpy::tools {

namespace {

/// Of a recording, read ahead of its recognition: a few turns of a worker.
constexpr double kMaxPending_s = 8.0;

}  // namespace

void add_model_option(CLI::App& command, RecognitionOptions& options) {
  command
      .add_option("--model", options.model,
                  "Model package (a folder); without it the default model, of the installation or "
                  "of the checkout that the program was built in")
      ->envname("HARPY_MODEL");
}

void add_second_pass_options(CLI::App& command, RecognitionOptions& options) {
  command.add_flag(
      "--written", options.written,
      "Write numbers, dates, amounts and the like as they are written, with capitals "
      "and marks: \"25% of it.\" (text, srt, vtt; in json and jsonl beside the words)");
  add_rescoring_options(command, options.search.rescoring);
  command.add_flag("--no-rescore", options.is_first_pass_only,
                   "Leave out the second pass that the model package asks for");
}

void add_recognition_options(CLI::App& command, RecognitionOptions& options) {
  command.add_flag("--whole", options.whole,
                   "Take each recording as one utterance; without it, long silences end "
                   "utterances (needed for hours)");
  command.add_flag("--speech-starts", options.speech_starts,
                   "Tell when the first sound of speech of each utterance was heard, in seconds "
                   "(json, jsonl)");
  command
      .add_option("--jobs", options.jobs,
                  "Recordings at a time; 0: as many as the machine has cores, " +
                      std::to_string(kSessionsOnGpu) + " on a GPU")
      ->check(CLI::NonNegativeNumber);
  add_computing_options(command, options.computing, false);
  add_search_options(command, options.search, true);
  add_endpoint_options(command, options.endpoint_times);
  add_steering_options(command, options.steering);
}

RunningRecognizer start_recognizer(const RecognitionOptions& options, const OutputOptions& output,
                                   std::size_t recording_count) {
  const SteeringRequest steering = read_steering_files(options.steering);
  const ModelChoice choice = choose_model(options.model);
  tell_model(choice);
  const Computing computing = choose_computing(options.computing);
  tell_fallback(computing);
  RunningRecognizer running{
      .model_folder = choice.folder,
      .threads = recognizer_threads(computing.device, options.jobs, recording_count),
      .session = {.endpoints = !options.whole,
                  .endpoint_times = options.endpoint_times,
                  .speech_starts = options.speech_starts,
                  .steering = steering,
                  .rescoring = !options.is_first_pass_only,
                  .written = options.written}};
  output.ask(running.session);
  const auto backend =
      create_backend({.device = computing.device, .precision = computing.precision});
  running.model = ModelPackage::load(*backend, choice.folder, options.search);
  if (options.written && running.model->decoding()->written_form == nullptr) {
    throw std::runtime_error("--written: the model " + choice.folder.string() +
                             " names no written form of its language");
  }
  const auto say_lost = [](const std::string& reason) {
    std::fprintf(stderr, "harpy: the device is lost, the CPU takes over: %s\n", reason.c_str());
  };
  running.recognizer = std::make_unique<Recognizer>(
      running.model, RecognizerOptions{.device = computing.device,
                                       .precision = computing.precision,
                                       .worker_count = running.threads.workers,
                                       .on_device_lost = say_lost,
                                       .max_pending_s = kMaxPending_s});
  running.recognizer->prepare(steering);
  return running;
}

}  // namespace harpy::tools
