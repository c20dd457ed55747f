#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <sys/resource.h>

#include <CLI/CLI.hpp>

#include "decoder/graph/compiler/graph_check.hpp"
#include "decoder/graph/graph_file.hpp"
#include "decoder/graph/graph_text.hpp"
#include "models/files/replacement_file.hpp"
#include "tools/graph/token_options.hpp"
#include "tools/options/commands.hpp"

namespace harpy::tools {

namespace {

namespace fs = std::filesystem;

/// A graph that differs more from its model than rounding explains is wrong; nats per word.
constexpr double kTolerance = 1e-3;

struct GraphOptions {
  GraphSources sources;
  bool spell = false;
  TokenOptions tokens;
  fs::path guessed;
  std::int32_t check_sentences = 200;
  fs::path output;
  fs::path words;
  fs::path text;
};

void report_stages(const std::vector<CompilerStage>& stages) {
  for (const CompilerStage& stage : stages) {
    std::fprintf(stderr, "  %-12s %10lld states %11lld arcs %7.2f s\n", stage.name.c_str(),
                 static_cast<long long>(stage.state_count), static_cast<long long>(stage.arc_count),
                 stage.seconds);
  }
}

void verify(const SourcedGraph& graph, std::int32_t sentence_count) {
  if (sentence_count == 0) return;
  const GraphCheck check = check_graph(graph.compiled.package, graph.language_model,
                                       {.sentence_count = sentence_count,
                                        .fillers = graph.fillers,
                                        .pronunciation_costs = graph.compiled.pronunciation_costs});
  std::fprintf(
      stderr, "%d sentences of the language model (%lld words): costs agree to %.1e a word\n",
      check.sentence_count, static_cast<long long>(check.word_count), check.largest_difference);
  if (check.largest_difference > kTolerance) {
    throw std::runtime_error("the graph gives another cost than the language model to: " +
                             check.worst_sentence);
  }
}

double peak_memory_gb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1e6;  // kilobytes
}

void add_filler_options(CLI::App& command, FillerOptions& fillers) {
  CLI::Option* silence = command.add_option(
      "--silence", fillers.silence,
      "Phone of the silence that may be between words and at both ends; not given: none");
  command
      .add_option("--silence-probability", fillers.silence_probability,
                  "How probable silence is at each such place")
      ->check(CLI::Range(0.0, 1.0))
      ->needs(silence);
  CLI::Option* noise = command.add_option(
      "--noise-word", fillers.noise_words,
      "Word of the lexicon for a noise that may be heard at these places; may be repeated");
  noise->allow_extra_args(false);
  command
      .add_option("--noise-probability", fillers.noise_probability,
                  "How probable it is at each such place that one of the noise words is heard")
      ->check(CLI::Range(0.0, 1.0))
      ->needs(noise);
}

void compile(const GraphOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  for (const fs::path& path : {options.output, options.words, options.text, options.guessed}) {
    if (!path.parent_path().empty() && !fs::is_directory(path.parent_path())) {
      throw std::runtime_error(path.string() + ": its folder does not exist");
    }
  }
  const SourcedGraph graph = compile_sources(options.sources, true);
  report_stages(graph.compiled.stages);
  verify(graph, options.check_sentences);
  const GraphPackage& package = graph.compiled.package;
  write_graph_package(options.output, package);
  if (!options.guessed.empty()) replace_file(options.guessed, graph.guessed);
  if (!options.words.empty()) package.words.write(options.words);
  if (!options.text.empty()) write_graph_text(options.text, package.graph.view());
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::fprintf(stderr, "%s: %d words, %d labels, %.1f MB, in %.1f s with %.2f GB of memory\n",
               options.output.c_str(), package.words.size() - 1, package.labels.size(),
               static_cast<double>(fs::file_size(options.output)) / 1e6, seconds, peak_memory_gb());
}

}  // namespace

void add_graph_command(CLI::App& program) {
  const auto options = std::make_shared<GraphOptions>();
  CLI::App* command = program.add_subcommand(
      "graph", "Compile a lexicon and a language model into the graph that a recogniser searches");
  command->footer(
      "The graph file holds the graph, its words, its labels and the words' pronunciations.\n"
      "Example: harpy graph --lexicon cmudict.dict --language-model lm.arpa.gz --output "
      "graph.harpy");
  CLI::Option* lexicon =
      command
          ->add_option("--lexicon", options->sources.lexicons,
                       "Pronunciations, in CMUdict's format (word PHONE PHONE ...) or as Kaldi's "
                       "lexiconp.txt (word PROBABILITY PHONE PHONE ...); may be repeated: a word "
                       "that is in several files has the pronunciations of all")
          ->check(CLI::ExistingFile)
          ->allow_extra_args(false);
  CLI::Option* spell = command->add_flag(
      "--spell", options->spell, "Spell words by their characters instead of using a lexicon");
  lexicon->excludes(spell);
  CLI::Option* phones =
      command
          ->add_option(
              "--phones", options->sources.phones,
              "The acoustic model's phones in its order, one a line; without it, those of the "
              "lexicon, sorted, as harpy train numbers them")
          ->check(CLI::ExistingFile);
  CLI::Option* model =
      command
          ->add_option(
              "--model", options->sources.model,
              "Model package that the graph is for: its phones in its order, and the pairs of "
              "phones that its network tells apart")
          ->check(CLI::ExistingDirectory)
          ->excludes(phones);
  command
      ->add_option("--language-model", options->sources.language_model,
                   "Back-off n-gram model in the ARPA format (also .gz)")
      ->required()
      ->check(CLI::ExistingFile);
  command
      ->add_option("--vocabulary", options->sources.vocabulary,
                   "Words to restrict the graph to, one a line; without it, all of the model that "
                   "have a pronunciation")
      ->check(CLI::ExistingFile);
  CLI::Option* guess =
      command
          ->add_flag("--guess-pronunciations", options->sources.guess_pronunciations,
                     "Guess how words of the language model sound that the lexicon lacks, instead "
                     "of leaving them out")
          ->excludes(spell);
  command
      ->add_option("--write-guessed", options->guessed,
                   "Also write the guessed pronunciations to this file, a lexicon for --lexicon")
      ->needs(guess);
  CLI::Option* tokens = add_token_options(*command, options->tokens, options->sources);
  tokens->excludes(phones)->excludes(model);
  add_filler_options(*command, options->sources.fillers);
  command
      ->add_option("--check", options->check_sentences,
                   "Sentences drawn from the language model that the graph must accept at the "
                   "model's cost; 0: no check")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--output", options->output, "Graph file to write")->required();
  command->add_option("--words", options->words,
                      "Also write the words and their numbers (word id) to this file");
  command->add_option("--text", options->text,
                      "Also write the graph in AT&T's text format to this file (large)");
  command->callback([options] {
    GraphSources& sources = options->sources;
    if (sources.lexicons.empty() && !options->spell && sources.tokens.empty()) {
      throw CLI::RequiredError("--lexicon, --spell or --tokens");
    }
    options->tokens.apply(sources);
    compile(*options);
  });
}

}  // namespace harpy::tools
