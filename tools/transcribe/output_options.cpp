#include "tools/transcribe/output_options.hpp"

#include <algorithm>
#include <iostream>

#include <CLI/CLI.hpp>

namespace harpy::tools {

namespace {

constexpr int kMostAlternatives = 1000;

}  // namespace

std::vector<OutputFormat> OutputOptions::chosen_formats() const {
  std::vector<OutputFormat> chosen;
  for (const std::string& name : formats) {
    const OutputFormat format = parse_output_format(name);
    if (std::find(chosen.begin(), chosen.end(), format) == chosen.end()) chosen.push_back(format);
  }
  return chosen;
}

void OutputOptions::ask(SessionOptions& session) const {
  const std::vector<OutputFormat> chosen = chosen_formats();
  const auto has = [&](OutputFormat format) {
    return std::ranges::find(chosen, format) != chosen.end();
  };
  session.confidences = confidences;
  session.max_alternatives = alternatives;
  session.lattice = has(OutputFormat::kLattice);
  session.raw_lattice = has(OutputFormat::kRawLattice);
  session.phones = phones || has(OutputFormat::kTextGrid);
}

std::unique_ptr<OutputWriter> OutputOptions::make_writer(bool is_only_one,
                                                         const boost::json::object& header) const {
  const std::vector<OutputFormat> chosen = chosen_formats();
  if (!folder.empty()) return make_folder_writer(folder, chosen, header);
  return make_stream_writer(
      std::cout, {.format = chosen[0], .times = times, .is_only_one = is_only_one}, header);
}

void check_formats(const OutputOptions& options, bool is_only_one) {
  if (!options.folder.empty()) return;
  const std::vector<OutputFormat> formats = options.chosen_formats();
  if (formats.size() > 1) {
    throw CLI::ValidationError("--format", "several formats at once need --output FOLDER");
  }
  if (!can_hold_many(formats[0]) && !is_only_one) {
    throw CLI::ValidationError("--format",
                               options.formats[0] + " of several recordings needs --output FOLDER");
  }
}

void add_detail_options(CLI::App& command, OutputOptions& options) {
  command.add_flag("--confidences", options.confidences,
                   "Tell for each word how probable it is that it was said (json, jsonl, ctm); it "
                   "takes about a tenth more time");
  command.add_flag("--phones", options.phones,
                   "Tell for each word its phones and when they were heard (json, jsonl)");
  command
      .add_option("--alternatives", options.alternatives,
                  "Tell so many of the likeliest readings of each utterance (json, jsonl)")
      ->check(CLI::Range(0, kMostAlternatives));
}

void add_output_options(CLI::App& command, OutputOptions& options) {
  command
      .add_option("--format", options.formats,
                  "Form of the transcripts; several, separated by commas, with --output")
      ->check(CLI::IsMember(output_format_names()))
      ->delimiter(',')
      ->default_str("text")
      ->allow_extra_args(false);
  command.add_option("--output", options.folder,
                     "Folder to write a file for each recording and format into; made if missing");
  command.add_flag("--times", options.times,
                   "Print each utterance with its start and end in seconds (text on standard "
                   "output)");
  add_detail_options(command, options);
}

}  // namespace harpy::tools
