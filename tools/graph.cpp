#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <sys/resource.h>

#include <CLI/CLI.hpp>

#include "decoder/graph/compiler/graph_check.hpp"
#include "decoder/graph/compiler/graph_compiler.hpp"
#include "decoder/graph/graph_file.hpp"
#include "decoder/graph/graph_text.hpp"
#include "decoder/graph/lexicon.hpp"
#include "decoder/language_model/arpa.hpp"
#include "decoder/pronunciation/pronouncer.hpp"
#include "models/files/replacement_file.hpp"
#include "models/files/text_lines.hpp"
#include "service/recognizer/model_description.hpp"
#include "tools/commands.hpp"

namespace harpy::tools {

namespace {

namespace fs = std::filesystem;

/// A graph that differs more from its model than rounding explains is wrong; nats per word.
constexpr double kTolerance = 1e-3;
constexpr std::size_t kWordsShown = 10;

const std::map<std::string, LetterCase> kLetterCases{
    {"keep", LetterCase::kKeep}, {"lower", LetterCase::kLower}, {"upper", LetterCase::kUpper}};

struct GraphOptions {
  std::vector<fs::path> lexicons;
  bool spell = false;
  std::string letter_case = "upper";
  fs::path phones;
  fs::path model;
  fs::path language_model;
  fs::path vocabulary;
  std::optional<float> word_cost;  ///< the model's if not given
  bool guess_pronunciations = false;
  fs::path guessed;
  std::string topology = "ctc";
  FillerOptions fillers;
  std::int32_t check_sentences = 200;
  fs::path output;
  fs::path words;
  fs::path text;
};

std::vector<std::string> read_list(const fs::path& path) {
  std::vector<std::string> entries;
  if (path.empty()) return entries;
  TextLines lines(path);
  while (lines.next()) {
    if (lines.fields().size() > 1) throw lines.error("expected one name a line");
    if (!lines.fields().empty()) entries.emplace_back(lines.fields()[0]);
  }
  if (entries.empty()) throw std::runtime_error(path.string() + ": holds no name");
  return entries;
}

/// What a model says of its graph: its labels, which none may be given for, the units that score
/// them, and what words cost.
struct ModelLabels {
  std::vector<std::string> phones;
  LabelContexts contexts;
  float word_cost = 0.0F;
};

ModelLabels read_model_labels(const GraphOptions& options) {
  if (options.model.empty()) return {.phones = read_list(options.phones)};
  const fs::path file = options.model / "model.json";
  const ModelDescription model = read_model_description(file);
  const std::vector<std::string>& units = model.units;
  LabelContexts contexts = LabelContexts::from_names(units);
  const auto label_count = contexts.label_count(static_cast<std::int32_t>(units.size()));
  return {.phones = {units.begin() + 1, units.begin() + label_count},
          .contexts = std::move(contexts),
          .word_cost = static_cast<float>(model.word_cost)};
}

Lexicon make_lexicon(const GraphOptions& options, const std::vector<std::string>& phones,
                     const Vocabulary& vocabulary) {
  const LexiconOptions how{.letter_case = kLetterCases.at(options.letter_case), .phones = phones};
  if (!options.spell) {
    Lexicon lexicon = Lexicon::read(options.lexicons[0], how);
    for (std::size_t index = 1; index < options.lexicons.size(); ++index) {
      lexicon.add_words(Lexicon::read(options.lexicons[index], how));
    }
    return lexicon;
  }
  std::vector<std::string> words;
  for (WordId id = 0; id < vocabulary.size(); ++id) {
    const bool is_marker = id == vocabulary.sentence_start() || id == vocabulary.sentence_end() ||
                           id == vocabulary.unknown();
    if (!is_marker) words.push_back(vocabulary.word(id));
  }
  return Lexicon::spell(words, how);
}

std::string phone_names(const Lexicon& lexicon, const Lexicon::Pronunciation& pronunciation) {
  std::string names;
  for (const std::int32_t phone : pronunciation) names += " " + lexicon.labels().name(phone);
  return names;
}

/// Adds guesses for the words of the language model that the lexicon lacks, and reports them.
/// Returns them in CMUdict's format.
std::string guess_pronunciations(const NgramModel& model, const std::vector<std::string>& allowed,
                                 Lexicon& lexicon) {
  const std::vector<std::string> missing = words_without_pronunciation(lexicon, model, allowed);
  if (missing.empty()) return {};
  const Pronouncer pronouncer(lexicon);
  std::string lines;
  std::size_t guessed = 0;
  for (const std::string& word : missing) {
    const Lexicon::Pronunciation guess = pronouncer.pronounce(word);
    if (guess.empty()) continue;
    const std::string line = word + phone_names(lexicon, guess) + "\n";
    if (guessed++ < kWordsShown) std::fprintf(stderr, "guessed: %s", line.c_str());
    lines += line;
    lexicon.add_pronunciation(word, guess);
  }
  std::fprintf(stderr, "%zu words without pronunciation got a guess\n", guessed);
  return lines;
}

void report_missing(const std::vector<std::string>& words) {
  if (words.empty()) return;
  std::fprintf(stderr, "%zu words without pronunciation are left out:", words.size());
  for (std::size_t i = 0; i < std::min(words.size(), kWordsShown); ++i) {
    std::fprintf(stderr, " %s", words[i].c_str());
  }
  std::fprintf(stderr, words.size() > kWordsShown ? " ...\n" : "\n");
}

void report_stages(const std::vector<CompilerStage>& stages) {
  for (const CompilerStage& stage : stages) {
    std::fprintf(stderr, "  %-12s %10lld states %11lld arcs %7.2f s\n", stage.name.c_str(),
                 static_cast<long long>(stage.state_count), static_cast<long long>(stage.arc_count),
                 stage.seconds);
  }
}

void verify(const CompiledGraph& compiled, const NgramModel& model, const GraphOptions& options) {
  if (options.check_sentences == 0) return;
  const GraphCheck check = check_graph(compiled.package, model,
                                       {.sentence_count = options.check_sentences,
                                        .fillers = options.fillers,
                                        .pronunciation_costs = compiled.pronunciation_costs});
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

std::vector<std::string> topology_names() { return {kTopologyNames.begin(), kTopologyNames.end()}; }

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
  ArpaRepairs repairs;
  const NgramModel model = read_arpa(options.language_model, &repairs);
  if (const std::string told = describe(repairs); !told.empty()) {
    std::fprintf(stderr, "%s: %s\n", options.language_model.c_str(), told.c_str());
  }
  std::fprintf(stderr, "%s: %zu words, %llu n-grams of up to %d words\n",
               options.language_model.c_str(), model.vocabulary().size(),
               static_cast<unsigned long long>(model.ngram_count()), model.order());
  const ModelLabels labels = read_model_labels(options);
  Lexicon lexicon = make_lexicon(options, labels.phones, model.vocabulary());
  const std::vector<std::string> allowed = read_list(options.vocabulary);
  std::string guessed;
  if (options.guess_pronunciations) guessed = guess_pronunciations(model, allowed, lexicon);
  const CompiledGraph compiled =
      compile_graph(lexicon, model,
                    {.topology = parse_topology(options.topology),
                     .contexts = labels.contexts,
                     .vocabulary = allowed,
                     .word_cost = options.word_cost.value_or(labels.word_cost),
                     .fillers = options.fillers});
  report_missing(compiled.words_without_pronunciation);
  report_stages(compiled.stages);
  const GraphPackage& package = compiled.package;
  verify(compiled, model, options);
  write_graph_package(options.output, package);
  if (!options.guessed.empty()) replace_file(options.guessed, guessed);
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
          ->add_option("--lexicon", options->lexicons,
                       "Pronunciations, in CMUdict's format (word PHONE PHONE ...) or as Kaldi's "
                       "lexiconp.txt (word PROBABILITY PHONE PHONE ...); may be repeated: a word "
                       "that is in several files has the pronunciations of all")
          ->check(CLI::ExistingFile)
          ->allow_extra_args(false);
  CLI::Option* spell = command->add_flag(
      "--spell", options->spell, "Spell words by their characters instead of using a lexicon");
  lexicon->excludes(spell);
  command
      ->add_option("--case", options->letter_case,
                   "Case that the letters of the lexicon's words are changed to")
      ->check(CLI::IsMember({"upper", "lower", "keep"}));
  CLI::Option* phones =
      command
          ->add_option(
              "--phones", options->phones,
              "The acoustic model's phones in its order, one a line; without it, those of the "
              "lexicon, sorted, as harpy train numbers them")
          ->check(CLI::ExistingFile);
  command
      ->add_option("--model", options->model,
                   "Model package that the graph is for: its phones in its order, and the pairs of "
                   "phones that its network tells apart")
      ->check(CLI::ExistingDirectory)
      ->excludes(phones);
  command
      ->add_option("--language-model", options->language_model,
                   "Back-off n-gram model in the ARPA format (also .gz)")
      ->required()
      ->check(CLI::ExistingFile);
  command
      ->add_option("--vocabulary", options->vocabulary,
                   "Words to restrict the graph to, one a line; without it, all of the model that "
                   "have a pronunciation")
      ->check(CLI::ExistingFile);
  command
      ->add_option("--word-cost", options->word_cost,
                   "What each word costs beside the language model, in nats: the larger, the fewer "
                   "and the longer are the words that are recognised; that of --model, or nothing, "
                   "if not given")
      ->check(CLI::Range(0.0, 20.0));
  CLI::Option* guess =
      command
          ->add_flag("--guess-pronunciations", options->guess_pronunciations,
                     "Guess how words of the language model sound that the lexicon lacks, instead "
                     "of leaving them out")
          ->excludes(spell);
  command
      ->add_option("--write-guessed", options->guessed,
                   "Also write the guessed pronunciations to this file, a lexicon for --lexicon")
      ->needs(guess);
  command
      ->add_option(
          "--topology", options->topology,
          "How a label turns into frames: with blanks between labels (ctc), as one state with a "
          "loop (one-state), as three states (three-state)")
      ->check(CLI::IsMember(topology_names()));
  add_filler_options(*command, options->fillers);
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
    if (options->lexicons.empty() && !options->spell) {
      throw CLI::RequiredError("--lexicon or --spell");
    }
    compile(*options);
  });
}

}  // namespace harpy::tools
