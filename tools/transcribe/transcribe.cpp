#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>

#include "tools/model/model_choice.hpp"
#include "tools/options/commands.hpp"
#include "tools/terminal/messages.hpp"
#include "tools/transcribe/content_mark.hpp"
#include "tools/transcribe/done_records.hpp"
#include "tools/transcribe/input_options.hpp"
#include "tools/transcribe/ordered_transcriber.hpp"
#include "tools/transcribe/output_options.hpp"
#include "tools/transcribe/recognition_options.hpp"
#include "tools/transcribe/shard.hpp"
#include "tools/transcribe/transcription_progress.hpp"

namespace harpy::tools {

namespace {

constexpr const char* kAutomaticShard = "auto";

struct TranscribeOptions {
  InputOptions input;
  OutputOptions output;
  RecognitionOptions recognition;
  std::string shard;  ///< "I/N" or "auto"; empty: all recordings
  bool resumes = false;
  bool aligns = false;
  double piece_s = 0.0;  ///< of utterances that are cut at pauses; 0: none is
  std::string settings;  ///< all options that results depend on, as they were given
};

/// Refuses what cannot be written, before any work is done.
void check_output(const OutputOptions& options, const RecordingList& list) {
  check_formats(options, list.recordings().size() == 1);
  const OutputFormat format = options.chosen_formats()[0];
  const bool tells_names_apart =
      !options.folder.empty() || format == OutputFormat::kCtm || format == OutputFormat::kStm;
  if (tells_names_apart) list.check_names_differ();
}

/// Checks --shard: I/N or auto.
std::string check_shard(const std::string& text) {
  try {
    if (text != kAutomaticShard) parse_shard(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return {};
}

Shard chosen_shard(const std::string& option) {
  if (option.empty()) return {};
  return option == kAutomaticShard
             ? shard_of_environment([](const char* name) { return std::getenv(name); })
             : parse_shard(option);
}

/// Those of a list that a shard transcribes, in the list's order.
std::vector<Recording> recordings_of_shard(const std::vector<Recording>& all, const Shard& shard) {
  if (shard.count == 1) return all;
  for (const Recording& recording : all) {
    if (recording.audio == "-") {
      throw std::runtime_error("--shard: standard input is there for one process only");
    }
  }
  const std::vector<std::size_t> shards = assign_shards(all, shard.count);
  std::vector<Recording> chosen;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (shards[i] == shard.number) chosen.push_back(all[i]);
  }
  return chosen;
}

/// Opens the records of what is done, and takes the recordings out that are.
std::unique_ptr<DoneRecords> leave_out_done(const TranscribeOptions& options, const Shard& shard,
                                            std::vector<Recording>& recordings) {
  const auto model = choose_model(options.recognition.model).folder;
  auto records = std::make_unique<DoneRecords>(
      DoneRecordsOptions{.folder = options.output.folder,
                         .formats = options.output.chosen_formats(),
                         .settings = content_mark(model) + "\n" + options.settings,
                         .shard = shard,
                         .resumes = options.resumes});
  const std::size_t all = recordings.size();
  std::vector<Recording> left;
  for (Recording& recording : recordings) {
    if (!records->is_done(recording)) left.push_back(std::move(recording));
  }
  recordings = std::move(left);
  if (options.resumes) {
    std::fprintf(stderr, "harpy: %zu of %zu recordings were done before\n", all - recordings.size(),
                 all);
  }
  return records;
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
  const Shard shard = chosen_shard(options.shard);
  const RecordingList list(options.input.chosen(), std::cin);
  for (const std::string& note : list.notes()) tell_warning(note);
  check_output(options.output, list);
  std::vector<Recording> recordings = recordings_of_shard(list.recordings(), shard);
  const bool has_folder = !options.output.folder.empty();
  std::unique_ptr<DoneRecords> records;
  if (has_folder) records = leave_out_done(options, shard, recordings);
  if (has_folder && recordings.empty()) return;

  const RunningRecognizer running =
      start_recognizer(options.recognition, options.output, recordings.size());
  const auto output = options.output.make_writer(list.recordings().size() == 1,
                                                 json_header(running.model->description()));
  const bool is_shown = ProgressBar::can_draw(stderr);
  TranscriptionProgress progress(stderr, recordings.size(),
                                 is_shown ? total_length_s(recordings) : std::optional<double>());
  AudioProgress audio_progress;
  if (is_shown) audio_progress = [&progress](double seconds) { progress.add_audio(seconds); };
  std::map<const Recording*, std::string> failures;  // in the recordings' order
  OrderedTranscriber transcriber(*running.recognizer, recordings,
                                 {.sessions = running.threads.sessions,
                                  .readers = running.threads.readers,
                                  .in_order = !has_folder,
                                  .transcribing = {.session = running.session,
                                                   .progress = std::move(audio_progress),
                                                   .aligns = options.aligns,
                                                   .piece_s = options.piece_s},
                                  .on_recording_done = [&progress] { progress.add_recording(); }});
  transcriber.run([&](const Recording& recording, const Transcription& result) {
    if (!result.error.empty()) {
      failures.emplace(&recording, result.error);
      return;
    }
    if (!has_folder || !result.notes.empty()) progress.hide();
    for (const std::string& note : result.notes) tell_warning(note);
    output->add(recording, result);
    if (records) records->add(recording);
  });
  progress.hide();
  if (recordings.empty() || failures.size() < recordings.size()) output->finish();
  std::vector<std::string> reasons;
  reasons.reserve(failures.size());
  for (const auto& [recording, reason] : failures) reasons.push_back(reason);
  throw_failures(reasons, recordings.size(), "recordings could not be transcribed");
}

void add_alignment_options(CLI::App& command, TranscribeOptions& options) {
  command.add_flag("--align", options.aligns,
                   "Take the words from the manifest's texts and only find out when they were "
                   "spoken; each recording is one utterance");
  command
      .add_option("--cut", options.piece_s,
                  "Cut utterances at pauses into pieces of about so many seconds, such as 4 for "
                  "training (with --align --format manifest) or 6 for subtitles")
      ->check(CLI::Range(0.5, 3600.0));
}

void add_sharing_options(CLI::App& command, TranscribeOptions& options) {
  command
      .add_option("--shard", options.shard,
                  "Transcribe only the I-th of N parts of the recordings, which have about the "
                  "same duration; auto: I and N as Slurm, Open MPI or a Kubernetes Indexed Job "
                  "tell them")
      ->check(CLI::Validator(check_shard, "I/N or auto", "shard"))
      ->type_name("TEXT");
  command.add_flag("--resume", options.resumes,
                   "Leave out the recordings that an earlier run with the same model and options "
                   "has transcribed into --output");
}

/// The options that results depend on, each with its values, and with the content of a file that
/// a value names.
std::string settings_of(const CLI::App& command) {
  static const std::set<std::string> kWithoutInfluence{
      "FILE",   "--manifest", "--strict", "--model",  "--output",
      "--jobs", "--shard",    "--resume", "--ffmpeg", "--channel"};
  std::string text = HARPY_VERSION;
  for (const CLI::Option* option : command.get_options()) {
    const std::string name = option->get_name();
    if (option->empty() || kWithoutInfluence.contains(name)) continue;
    text += "\n" + name;
    for (const std::string& value : option->results()) {
      std::error_code error;
      const bool is_file = std::filesystem::is_regular_file(value, error);
      text += " " + (is_file ? content_mark(value) : value);
    }
  }
  return text;
}

}  // namespace

void add_transcribe_command(CLI::App& program) {
  auto options = std::make_shared<TranscribeOptions>();
  CLI::App* command = program.add_subcommand("transcribe", "Turn recordings into text");
  add_input_options(*command, options->input);
  add_sharing_options(*command, *options);
  add_model_option(*command, options->recognition);
  add_output_options(*command, options->output);
  add_alignment_options(*command, *options);
  add_second_pass_options(*command, options->recognition);
  add_recognition_options(*command, options->recognition);
  command->callback([options, command] {
    if (options->resumes && options->output.folder.empty()) {
      throw CLI::ValidationError("--resume", "needs --output FOLDER, where results are kept");
    }
    if (options->aligns && options->input.request.manifest.empty()) {
      throw CLI::ValidationError("--align", "needs --manifest, which has the texts");
    }
    options->settings = settings_of(*command);
    transcribe_all(*options);
  });
}

}  // namespace harpy::tools
