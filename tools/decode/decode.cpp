#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "tools/decode/decode_scores.hpp"
#include "tools/graph/token_options.hpp"
#include "tools/options/commands.hpp"
#include "tools/options/computing.hpp"
#include "tools/options/rescoring_options.hpp"
#include "tools/options/search_options.hpp"
#include "tools/terminal/messages.hpp"
#include "tools/transcribe/output_options.hpp"
#include "tools/transcribe/steering_options.hpp"

namespace harpy::tools {

namespace {

namespace fs = std::filesystem;

struct DecodeOptions {
  std::vector<fs::path> scores;
  fs::path graph;
  GraphSources sources;  ///< of a graph compiled on the spot
  TokenOptions tokens;
  bool are_likelihoods = false;
  double frame_ms = 40.0;
  OutputOptions output;
  fs::path written;
  SearchOverrides search;
  SteeringFiles steering;
  std::string device = "cpu";
  int jobs = 0;
};

std::shared_ptr<const GraphPackage> make_graph(const DecodeOptions& options) {
  if (!options.graph.empty()) {
    return std::make_shared<const GraphPackage>(map_graph_package(options.graph));
  }
  GraphSources sources = options.sources;
  options.tokens.apply(sources);
  return std::make_shared<const GraphPackage>(compile_sources(sources, false).compiled.package);
}

std::optional<SecondPass> make_second_pass(const RescoringOverrides& files,
                                           const SymbolTable& words) {
  if (files.language_model.empty()) return std::nullopt;
  return SecondPass{.rescorer = load_rescorer({.language_model = files.language_model,
                                               .graph_language_model = files.graph_language_model,
                                               .scale = files.scale.value_or(1.0)},
                                              words)};
}

std::shared_ptr<const DecodingModel> make_model(const DecodeOptions& options) {
  constexpr double kMillisecondsPerSecond = 1000.0;
  DecodingModel model{.package = make_graph(options),
                      .frame_s = options.frame_ms / kMillisecondsPerSecond};
  const SearchOverrides& search = options.search;
  model.search.beam = search.beam.value_or(model.search.beam);
  model.search.max_active = search.max_active.value_or(model.search.max_active);
  model.search.acoustic_scale = search.acoustic_scale.value_or(model.search.acoustic_scale);
  model.blank_penalty = search.blank_penalty.value_or(model.blank_penalty);
  model.minimum_bayes_risk = search.minimum_bayes_risk.value_or(false);
  model.least_confidence = search.least_confidence.value_or(0.0);
  model.blank_skip_threshold = search.blank_skip_threshold.value_or(model.blank_skip_threshold);
  if (!options.written.empty()) {
    model.written_form = std::make_shared<const WrittenFormFolder>(options.written);
  }
  model.second_pass = make_second_pass(search.rescoring, model.package->words);
  return std::make_shared<const DecodingModel>(std::move(model));
}

/// The layout of scores for a graph, whose topology decides what the usual blank is.
ScoreLayout layout_for(const DecodeOptions& options, const GraphPackage& package) {
  TokenOptions tokens = options.tokens;
  tokens.topology = topology_name(package.frame_labels.topology);
  return score_layout_for(package, tokens.blank_column(), options.are_likelihoods);
}

boost::json::object describe_source(const DecodeOptions& options) {
  boost::json::object header{{"harpy", HARPY_VERSION}};
  if (options.graph.empty()) {
    header["tokens"] = options.sources.tokens.string();
    header["language_model"] = options.sources.language_model.string();
  } else {
    header["graph"] = options.graph.string();
  }
  return header;
}

void decode_all(const DecodeOptions& options) {
  check_formats(options.output, false);
  const SteeringRequest steering = read_steering_files(options.steering);
  const Computing computing = choose_computing({.device = options.device});
  tell_fallback(computing);
  const auto model = make_model(options);
  ScoreDecoding decoding;
  decoding.files = options.scores;
  decoding.layout = layout_for(options, *model->package);
  decoding.model = model;
  decoding.device = computing.device;
  decoding.steering = SteeringMaker(model->package).make(steering);
  options.output.ask(decoding.session);
  decoding.session.written = model->written_form != nullptr;
  if (!computing.is_on_gpu()) decoding.threads = thread_count(options.jobs);

  const auto output = options.output.make_writer(false, describe_source(options));
  std::size_t count = 0;
  std::vector<std::string> failures;
  decode_scores(decoding, [&](const Recording& recording, const Transcription& result) {
    ++count;
    if (result.error.empty()) {
      output->add(recording, result);
    } else {
      failures.push_back(result.error);
    }
  });
  if (count == 0) throw std::runtime_error("the files hold no utterance");
  if (failures.size() < count) output->finish();
  throw_failures(failures, count, "utterances could not be decoded");
}

void add_graph_options(CLI::App& command, DecodeOptions& options) {
  CLI::Option* graph =
      command
          .add_option("--graph", options.graph,
                      "Graph file that harpy graph made; without it the graph is compiled from "
                      "--tokens and --language-model, which takes time for large ones")
          ->check(CLI::ExistingFile);
  CLI::Option* tokens = add_token_options(command, options.tokens, options.sources);
  CLI::Option* language_model =
      command
          .add_option("--language-model", options.sources.language_model,
                      "Back-off n-gram model of words in the ARPA format (also .gz)")
          ->check(CLI::ExistingFile);
  command
      .add_option("--lexicon", options.sources.lexicons,
                  "How words are made of tokens: lines of a word and its tokens; may be repeated")
      ->check(CLI::ExistingFile)
      ->allow_extra_args(false)
      ->default_str("")
      ->needs(tokens);
  command
      .add_option("--words", options.sources.vocabulary,
                  "Words to restrict the graph to, one a line; without it, all of the language "
                  "model that can be made of tokens")
      ->check(CLI::ExistingFile)
      ->needs(tokens);
  for (const char* name : {"--topology", "--case", "--word-cost"}) {  // the graph has them
    command.get_option(name)->excludes(graph);
  }
  tokens->excludes(graph)->needs(language_model);
  language_model->excludes(graph)->needs(tokens);
}

}  // namespace

void add_decode_command(CLI::App& program) {
  auto options = std::make_shared<DecodeOptions>();
  CLI::App* command = program.add_subcommand(
      "decode", "Turn scores of another program's network (CTC or HMM) into text");
  command->footer(
      "Scores are natural log-probabilities [frames, tokens], as log_softmax makes them.\n"
      "Example: harpy decode --tokens tokens.txt --language-model lm.arpa --frame-ms 40 "
      "scores.npz");
  command
      ->add_option("SCORES", options->scores,
                   "Files of scores: numpy arrays (.npy) or archives of them (.npz), safetensors, "
                   "Kaldi archives (.ark) or lists of places in them (.scp)")
      ->required()
      ->default_str("");
  add_graph_options(*command, *options);
  command->add_flag("--log-likelihoods", options->are_likelihoods,
                    "The scores are log-probabilities less the logarithms of priors, which may be "
                    "above 0; always so where the topology has no blank");
  command
      ->add_option("--frame-ms", options->frame_ms,
                   "Milliseconds from one frame of scores to the next, for times")
      ->check(CLI::PositiveNumber);
  add_output_options(*command, options->output);
  command
      ->add_option("--written", options->written,
                   "Write numbers, dates, amounts and the like as they are written, with capitals "
                   "and marks, as this folder of the language says (models/written/en)")
      ->check(CLI::ExistingDirectory);
  add_rescoring_options(*command, options->search.rescoring);
  command
      ->add_option("--jobs", options->jobs,
                   "Utterances at a time; 0: as many as the machine has cores. A GPU takes " +
                       std::to_string(kSessionsOnGpu) + " whatever is said")
      ->check(CLI::NonNegativeNumber);
  add_device_option(*command, options->device);
  add_search_options(*command, options->search, false);
  add_steering_options(*command, options->steering);
  command->callback([options] {
    if (options->graph.empty() && options->sources.tokens.empty()) {
      throw CLI::RequiredError("--graph, or --tokens and --language-model");
    }
    const RescoringOverrides& rescoring = options->search.rescoring;
    if (rescoring.language_model.empty() != rescoring.graph_language_model.empty()) {
      throw CLI::RequiredError("--rescore and --rescore-graph-model together");
    }
    decode_all(*options);
  });
}

}  // namespace harpy::tools
