#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "acoustic/backend/device.hpp"
#include "decoder/graph/graph_sections.hpp"
#include "decoder/language_model/mapped_ngram_layout.hpp"
#include "kaldi/package_cache.hpp"
#include "models/files/text_fields.hpp"
#include "service/json/json_text.hpp"
#include "tools/info/info_audio.hpp"
#include "tools/info/info_features.hpp"
#include "tools/info/info_graph.hpp"
#include "tools/info/info_model.hpp"
#include "tools/info/info_ngram.hpp"
#include "tools/options/commands.hpp"
#include "tools/terminal/messages.hpp"

namespace harpy::tools {

namespace {

namespace fs = std::filesystem;

struct InfoOptions {
  std::vector<fs::path> paths;
  bool json = false;
  bool devices = false;
  bool features = false;
  FeatureOutput feature_output;
};

InfoReport describe(const fs::path& path) {
  if (fs::is_directory(path)) return describe_model(kaldi::package_of(path));
  if (path.filename() == "model.json") {
    return describe_model(path.has_parent_path() ? path.parent_path() : fs::path("."));
  }
  if (begins_as(path, kGraphFormat)) return describe_graph(path);
  if (begins_as(path, kMappedNgramFormat)) return describe_ngram(path);
  return describe_audio(path);
}

InfoReport describe_devices() {
  InfoReport report{.subject = "devices", .kind = "devices", .facts = {}, .tables = {}};
  const DeviceReport found = find_devices();
  for (const DeviceDescription& device : found.devices) {
    const std::string name = to_string(device.device);
    InfoValue value = info_text(device.name);
    if (device.memory_bytes > 0) {
      value.text +=
          ", " + info_number(static_cast<double>(device.memory_bytes) / 1e9, 1, "GB").text;
      value.value = {{"name", device.name}, {"memory_bytes", device.memory_bytes}};
    }
    report.facts.push_back({name, name, std::move(value)});
  }
  if (!found.cuda_obstacle.empty()) {
    report.facts.push_back({"no cuda", "cuda_obstacle", info_text(found.cuda_obstacle)});
  }
  return report;
}

void print(const InfoReport& report, const InfoOptions& options, bool is_first) {
  const std::string text =
      options.json ? json_line(to_json(report)) + "\n" : (is_first ? "" : "\n") + to_text(report);
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void print_info(const InfoOptions& options) {
  bool is_first = true;
  if (options.devices) {
    print(describe_devices(), options, is_first);
    is_first = false;
  }
  std::size_t failed = 0;
  for (const fs::path& path : options.paths) {
    try {
      print(describe(path), options, is_first);
      is_first = false;
    } catch (const std::exception& error) {
      if (options.paths.size() == 1) throw;
      ++failed;
      tell_error(error.what());
    }
  }
  if (failed > 0) {
    throw std::runtime_error(std::to_string(failed) + " of " +
                             std::to_string(options.paths.size()) + " could not be described");
  }
}

std::string check_shown_channel(const std::string& text) {
  const bool is_number = parse_int32(text).value_or(0) >= 1;
  return is_number || text == "mix" || text == "each" ? ""
                                                      : "expected mix, each or a number from 1";
}

std::string check_feature_file(const std::string& text) {
  const std::string ending = fs::path(text).extension().string();
  return ending == ".svg" || ending == ".png" || ending == ".tsv"
             ? ""
             : "expected a file name that ends in .svg, .png or .tsv";
}

/// Adds the options for showing features; `wanted` is set by --features.
void add_feature_options(CLI::App& command, bool& wanted, FeatureOutput& output) {
  CLI::Option* features = command.add_flag(
      "--features", wanted,
      "Show what the front end computes of one recording: as a table, or drawn with --output");
  command
      .add_option("--feature", output.settings,
                  "NAME=VALUE: another value of a feature option, such as kind=mfcc or "
                  "bin_count=40; may be repeated")
      ->needs(features)
      ->allow_extra_args(false);
  command.add_option("--model", output.model, "Model package whose feature options are taken")
      ->needs(features);
  command
      .add_option(
          "--channel", output.channel,
          "Channel to look at: a number from 1, mix for the mean of all, or each for every one by "
          "itself")
      ->needs(features)
      ->check(CLI::Validator(check_shown_channel, "N|mix|each"));
  command
      .add_option("--output", output.output,
                  "File to write instead of printing: a picture (.svg, .png) or a table (.tsv)")
      ->needs(features)
      ->check(CLI::Validator(check_feature_file, "FILE"));
}

}  // namespace

void add_info_command(CLI::App& program) {
  const auto options = std::make_shared<InfoOptions>();
  CLI::App* command = program.add_subcommand(
      "info",
      "Explain recordings, models, graphs, n-grams and devices; show the features of a recording");
  command->add_option(
      "FILE", options->paths,
      "Recordings, graph files, n-gram files or model packages (folders); which of them it is, the "
      "content tells");
  command->add_flag("--json", options->json,
                    "Print a JSON object in a line of its own for each FILE");
  command->add_flag("--devices", options->devices, "List the devices that --device can name");
  add_feature_options(*command, options->features, options->feature_output);
  command->callback([options] {
    if (!options->features) {
      if (options->paths.empty() && !options->devices)
        throw CLI::RequiredError("FILE or --devices");
      print_info(*options);
      return;
    }
    if (options->paths.size() != 1) throw CLI::RequiredError("--features: one FILE");
    try {
      check_feature_settings(options->feature_output);
    } catch (const std::invalid_argument& error) {
      throw CLI::ValidationError("--feature", error.what());
    }
    show_features(options->paths.front(), options->feature_output);
  });
}

}  // namespace harpy::tools
