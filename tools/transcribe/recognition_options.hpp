#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>

#include "decoder/endpoint.hpp"
#include "service/recognizer/model_package.hpp"
#include "service/recognizer/recognizer.hpp"
#include "tools/options/computing.hpp"
#include "tools/transcribe/output_options.hpp"
#include "tools/transcribe/steering_files.hpp"

namespace CLI {
class App;
}

namespace harpy::tools {

/// With what recordings are recognised; the same whether they are listed or come one by one.
struct RecognitionOptions {
  std::filesystem::path model;
  bool whole = false;
  bool speech_starts = false;
  bool is_first_pass_only = false;
  bool written = false;
  int jobs = 0;
  ComputingOptions computing;
  SearchOverrides search;
  SteeringFiles steering;
  EndpointTimes endpoint_times;
};

/// Adds --model.
void add_model_option(CLI::App& command, RecognitionOptions& options);
/// Adds --written, --rescore and its companions, and --no-rescore.
void add_second_pass_options(CLI::App& command, RecognitionOptions& options);
/// Adds --whole, --speech-starts, --jobs, and the options of device, search, endpoints and
/// steering.
void add_recognition_options(CLI::App& command, RecognitionOptions& options);

/// A recognizer that is ready, and what it needs to be told of each recording.
struct RunningRecognizer {
  std::filesystem::path model_folder;
  std::shared_ptr<const ModelPackage> model;
  RecognizerThreads threads;
  SessionOptions session;
  std::unique_ptr<Recognizer> recognizer;
};

/// Of recordings, where nobody knows how many come.
inline constexpr std::size_t kAnyCount = static_cast<std::size_t>(-1);

/// Loads the model and starts the recognizer. Says on a terminal which model was taken, and on
/// standard error if the CPU takes over from a device. `output`: what results must hold;
/// `recording_count`: no more sessions than that. Errors: std::runtime_error for a model or a
/// steering file that cannot be used.
RunningRecognizer start_recognizer(const RecognitionOptions& options, const OutputOptions& output,
                                   std::size_t recording_count = kAnyCount);

}  // namespace harpy::tools
