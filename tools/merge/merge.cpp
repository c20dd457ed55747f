#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "models/files/replacement_file.hpp"
#include "tools/merge/shard_results.hpp"
#include "tools/options/commands.hpp"
#include "tools/terminal/messages.hpp"
#include "tools/transcribe/input_options.hpp"
#include "tools/transcribe/output_writer.hpp"

namespace harpy::tools {

namespace {

struct MergeOptions {
  InputOptions input;
  std::vector<std::filesystem::path> parts;
  std::string format = "text";
  std::filesystem::path output;
};

/// So many ids of a kind of fault are told.
constexpr std::size_t kToldFaults = 10;

void tell_faults(const std::vector<std::string>& ids, const std::string& what) {
  for (std::size_t i = 0; i < ids.size() && i < kToldFaults; ++i) tell_error(ids[i] + ": " + what);
  if (ids.size() > kToldFaults) {
    tell_error(std::to_string(ids.size() - kToldFaults) + " more: " + what);
  }
}

/// Copies the files of all parts into one folder.
void gather_files(const ShardResults& results, OutputFormat format,
                  const std::vector<Recording>& recordings, const std::filesystem::path& folder) {
  for (const Recording& recording : recordings) {
    if (results.count(recording) == 0) continue;
    const std::filesystem::path path = output_path(folder, recording, format);
    make_output_folder(path.parent_path());
    replace_file(path, results.find(recording));
  }
}

void join_in_one_file(const ShardResults& results, OutputFormat format,
                      const std::vector<Recording>& recordings, const std::filesystem::path& path) {
  if (path.empty()) {
    merge_results(results, format, recordings, [](std::string_view text) { std::cout << text; });
    if (!std::cout.flush()) throw std::runtime_error("standard output cannot be written to");
    return;
  }
  ReplacementFile file(path);
  merge_results(results, format, recordings, [&file](std::string_view text) { file.write(text); });
  file.commit();
}

void merge_parts(const MergeOptions& options) {
  const OutputFormat format = parse_output_format(options.format);
  const RecordingList list(options.input.chosen(), std::cin);
  for (const std::string& note : list.notes()) tell_warning(note);
  const std::vector<Recording>& recordings = list.recordings();
  const ShardResults results(options.parts, format);
  const MergeFaults faults = find_merge_faults(results, recordings);
  if (can_hold_many(format)) {
    join_in_one_file(results, format, recordings, options.output);
  } else {
    gather_files(results, format, recordings, options.output);
  }
  tell_faults(faults.missing, "no part has its result");
  tell_faults(faults.repeated, "is there more than once; the first was taken");
  if (!faults.missing.empty() || !faults.repeated.empty() || faults.unknown_count > 0) {
    throw std::runtime_error("of " + std::to_string(recordings.size()) + " recordings " +
                             std::to_string(faults.missing.size()) + " are missing and " +
                             std::to_string(faults.repeated.size()) +
                             " are there more than once; " + std::to_string(faults.unknown_count) +
                             " results belong to no recording");
  }
}

}  // namespace

void add_merge_command(CLI::App& program) {
  auto options = std::make_shared<MergeOptions>();
  CLI::App* command = program.add_subcommand(
      "merge", "Join what the shards of a transcription have written, in the order of the inputs");
  add_input_options(*command, options->input);
  command
      ->add_option("--parts", options->parts,
                   "What the shards have written: folders of --output, or files of what went to "
                   "standard output (text, json, jsonl)")
      ->required()
      ->default_str("");
  command
      ->add_option("--format", options->format, "Form of the transcripts, as the shards were told")
      ->check(CLI::IsMember(output_format_names()));
  command->add_option("--output", options->output,
                      "File to write instead of standard output; for srt, vtt and textgrid the "
                      "folder to put all files into");
  command->callback([options] {
    if (!can_hold_many(parse_output_format(options->format)) && options->output.empty()) {
      throw CLI::ValidationError("--format",
                                 options->format + " of several recordings needs --output FOLDER");
    }
    merge_parts(*options);
  });
}

}  // namespace harpy::tools
