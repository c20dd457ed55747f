#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "decoder/language_model/arpa.hpp"
#include "decoder/language_model/corpus.hpp"
#include "decoder/language_model/interpolation.hpp"
#include "decoder/language_model/kneser_ney.hpp"
#include "decoder/language_model/mapped_ngram.hpp"
#include "decoder/language_model/ngram_counts.hpp"
#include "decoder/language_model/perplexity.hpp"
#include "decoder/language_model/pruning.hpp"
#include "decoder/language_model/vocabulary.hpp"
#include "decoder/written/marked_corpus.hpp"
#include "models/files/replacement_file.hpp"
#include "tools/options/commands.hpp"
#include "tools/score/scored_texts.hpp"

namespace harpy::tools {

namespace {

namespace fs = std::filesystem;

/// Ends the names of n-gram files (write_mapped_ngram).
constexpr const char* kMappedExtension = ".ngram";
constexpr double kBytesPerMegabyte = 1e6;
/// Words with capitals that are seen less often are not listed: many are misspelt.
constexpr std::uint64_t kCasingCount = 3;

struct LmOptions {
  std::vector<fs::path> texts;
  fs::path model;
  int order = 3;
  std::vector<std::uint32_t> cutoffs;
  fs::path vocabulary;
  std::size_t vocabulary_size = 0;
  std::uint64_t minimum_word_count = 1;
  bool closed = false;
  std::vector<fs::path> held_out;
  PruningOptions pruning;
  fs::path output;
  int decimals = kMaxArpaDecimals;
  int bits = 16;
  std::vector<fs::path> perplexity;
  bool marks = false;
  fs::path casing;

  bool prunes() const { return pruning.threshold > 0.0 || pruning.max_ngrams > 0; }
  bool is_output_mapped() const { return output.extension() == kMappedExtension; }
};

/// A model and, where it is to be pruned, one that tells how frequent its contexts are.
struct Estimate {
  NgramModel model;
  std::optional<NgramModel> histories;
};

void add_file(const LmOptions& options, const fs::path& path, Corpus& corpus, Vocabulary& words,
              CasingCounts& casing) {
  if (options.marks) {
    TextLines lines(path);
    add_marked_text(corpus, lines, words, casing);
  } else if (path.extension() == ".jsonl") {
    for (const auto& [id, transcript] : read_scored_texts(path)) {
      add_sentence(corpus, transcript.text, words);
    }
  } else {
    TextLines lines(path);
    add_text(corpus, lines, words);
  }
}

/// Reads files in the numbers of `vocabulary`.
Corpus read_known(const LmOptions& options, const std::vector<fs::path>& paths,
                  const Vocabulary& vocabulary) {
  Corpus corpus;
  Vocabulary words;
  CasingCounts casing;
  for (const fs::path& path : paths) add_file(options, path, corpus, words, casing);
  renumber(corpus, words, vocabulary);
  return corpus;
}

NgramModel read_model(const fs::path& path) {
  ArpaRepairs repairs;
  NgramModel model = read_arpa(path, &repairs);
  if (const std::string told = describe(repairs); !told.empty()) {
    std::fprintf(stderr, "%s: %s\n", path.c_str(), told.c_str());
  }
  return model;
}

std::vector<std::string> read_word_list(const fs::path& path) {
  std::vector<std::string> words;
  TextLines lines(path);
  while (auto line = lines.next()) {
    const std::string_view word = take_word(*line);
    if (!word.empty()) words.emplace_back(word);
  }
  if (words.empty()) throw std::runtime_error(path.string() + ": holds no word");
  return words;
}

/// One corpus a text where they are to be interpolated, otherwise one of all. Writes the list of
/// words with capitals, if one is wanted.
std::vector<Corpus> read_corpora(const LmOptions& options, Vocabulary& words) {
  std::vector<Corpus> corpora;
  CasingCounts casing;
  for (const fs::path& path : options.texts) {
    if (corpora.empty() || !options.held_out.empty()) corpora.emplace_back();
    Corpus& corpus = corpora.back();
    const std::uint64_t sentences_before = corpus.sentence_count;
    const std::uint64_t words_before = corpus.word_count;
    add_file(options, path, corpus, words, casing);
    if (corpus.sentence_count == sentences_before) {
      throw std::runtime_error(path.string() + ": holds no sentence");
    }
    std::fprintf(stderr, "%s: %llu sentences, %llu words\n", path.c_str(),
                 static_cast<unsigned long long>(corpus.sentence_count - sentences_before),
                 static_cast<unsigned long long>(corpus.word_count - words_before));
  }
  if (!options.casing.empty()) replace_file(options.casing, casing.list(kCasingCount));
  return corpora;
}

Vocabulary choose_vocabulary(const LmOptions& options, const std::vector<Corpus>& corpora,
                             const Vocabulary& words) {
  VocabularyOptions choice;
  if (!options.vocabulary.empty()) choice.allowed = read_word_list(options.vocabulary);
  choice.max_words = options.vocabulary_size;
  // Words of a given list enter whether seen or not, unless only some of them are wanted.
  const bool whole_list = choice.allowed && options.vocabulary_size == 0;
  choice.min_count = whole_list && options.minimum_word_count <= 1 ? 0 : options.minimum_word_count;
  choice.has_unknown = !options.closed;
  std::vector<std::uint64_t> counts;
  for (const Corpus& corpus : corpora) add_word_counts(corpus, words.size(), counts);
  return select_vocabulary(words, counts, choice);
}

void report_discounts(const std::vector<Discounts>& discounts) {
  for (std::size_t n = 0; n < discounts.size(); ++n) {
    const auto& values = discounts[n].values;
    std::fprintf(stderr, "  discounts of %zu-grams: %.4f %.4f %.4f%s\n", n + 1, values[0],
                 values[1], values[2],
                 discounts[n].estimated ? "" : " (too few counts for the formula)");
  }
}

Estimate estimate_component(const LmOptions& options, const Vocabulary& vocabulary,
                            const Corpus& corpus) {
  const NgramCounts counts = count_ngrams(corpus.tokens, vocabulary, options.order);
  KneserNeyOptions estimation;
  estimation.cutoffs = options.cutoffs;
  KneserNeyEstimate estimate = estimate_kneser_ney(vocabulary, counts, estimation);
  report_discounts(estimate.discounts);
  Estimate result{std::move(estimate.model), std::nullopt};
  if (options.prunes() && options.order > 1) {
    KneserNeyOptions of_histories;
    of_histories.order = options.order - 1;
    of_histories.lower_orders = LowerOrders::kOccurrences;
    result.histories = estimate_kneser_ney(vocabulary, counts, of_histories).model;
  }
  return result;
}

Estimate mix(const LmOptions& options, std::vector<NgramModel> models,
             const std::vector<NgramModel>& histories) {
  const Corpus held_out = read_known(options, options.held_out, models[0].vocabulary());
  const std::vector<double> weights = tune_weights(models, held_out);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    std::fprintf(stderr, "weight of %s: %.4f (perplexity on the held-out text %.1f)\n",
                 options.texts[i].c_str(), weights[i],
                 measure_perplexity(models[i], held_out).perplexity());
  }
  Estimate result{interpolate(models, weights), std::nullopt};
  if (!histories.empty()) result.histories = interpolate(histories, weights);
  return result;
}

Estimate estimate(const LmOptions& options) {
  Vocabulary words;
  std::vector<Corpus> corpora = read_corpora(options, words);
  const Vocabulary vocabulary = choose_vocabulary(options, corpora, words);
  std::fprintf(stderr, "vocabulary: %zu words with markers\n", vocabulary.size());
  std::vector<NgramModel> models;
  std::vector<NgramModel> histories;
  for (Corpus& corpus : corpora) {
    renumber(corpus, words, vocabulary);
    Estimate component = estimate_component(options, vocabulary, corpus);
    corpus = Corpus{};
    models.push_back(std::move(component.model));
    if (component.histories) histories.push_back(std::move(*component.histories));
  }
  if (!options.held_out.empty()) return mix(options, std::move(models), histories);
  Estimate result{std::move(models[0]), std::nullopt};
  if (!histories.empty()) result.histories = std::move(histories[0]);
  return result;
}

void report_size(const NgramModel& model, const char* what) {
  std::fprintf(stderr, "%s: %llu n-grams (", what,
               static_cast<unsigned long long>(model.ngram_count()));
  for (int n = 1; n <= model.order(); ++n) {
    std::fprintf(stderr, "%s%zu", n > 1 ? " + " : "", model.level(n).size());
  }
  std::fprintf(stderr, ")\n");
}

void report_perplexity(const LmOptions& options, const NgramModel& model, const fs::path& path) {
  const Perplexity measured =
      measure_perplexity(model, read_known(options, {path}, model.vocabulary()));
  if (measured.sentence_count == 0) throw std::runtime_error(path.string() + ": holds no sentence");
  std::printf("%s: perplexity %.2f, %llu sentences, %llu words, %llu unknown (%.2f %%)\n",
              path.c_str(), measured.perplexity(),
              static_cast<unsigned long long>(measured.sentence_count),
              static_cast<unsigned long long>(measured.word_count),
              static_cast<unsigned long long>(measured.unknown_count), measured.unknown_percent());
}

/// Writes the mapped form, and reads it again to tell that it is whole and how long that takes.
void write_mapped(const NgramModel& model, const fs::path& path, int bits) {
  write_mapped_ngram(model, path, bits);
  const auto begin = std::chrono::steady_clock::now();
  const MappedNgramModel mapped(path);
  const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - begin;
  std::fprintf(stderr, "%s: %llu n-grams, %.1f MB, ready in %.0f ms\n", path.c_str(),
               static_cast<unsigned long long>(mapped.ngram_count()),
               static_cast<double>(fs::file_size(path)) / kBytesPerMegabyte, taken.count());
}

void write_output(const NgramModel& model, const LmOptions& options) {
  if (options.is_output_mapped()) {
    write_mapped(model, options.output, options.bits);
  } else if (!options.output.empty()) {
    write_arpa(model, options.output, options.decimals);
  }
}

void run(const LmOptions& options) {
  Estimate result =
      options.model.empty() ? estimate(options) : Estimate{read_model(options.model), std::nullopt};
  report_size(result.model, "model");
  if (options.prunes()) {
    prune(result.model, result.histories ? *result.histories : result.model, options.pruning);
    report_size(result.model, "pruned");
  }
  if (!options.output.empty()) write_output(result.model, options);
  for (const fs::path& path : options.perplexity) report_perplexity(options, result.model, path);
}

}  // namespace

void add_lm_command(CLI::App& program) {
  auto options = std::make_shared<LmOptions>();
  CLI::App* command = program.add_subcommand(
      "lm", "Estimate an n-gram language model (interpolated modified Kneser-Ney) from texts");
  command->footer(
      "Texts have a sentence a line, words separated by spaces; plain or gzip; '-' is standard "
      "input; from a file whose name ends in .jsonl the \"text\" fields are read.\n"
      "Example: harpy lm books.txt.gz talks.txt --vocabulary-size 40000 --held-out dev.txt "
      "--prune-to-ngrams 1000000 --output model.arpa.gz --perplexity dev.txt\n"
      "Binary form: harpy lm --model model.arpa.gz --output model.ngram");
  const auto add_files = [&](const char* name, std::vector<fs::path>& files, const char* help) {
    return command->add_option(name, files, help)
        ->type_name("FILE")
        ->default_str("")
        ->allow_extra_args(false);
  };
  CLI::Option* texts =
      command
          ->add_option("TEXT", options->texts,
                       "Texts to learn from; counted together unless --held-out is given")
          ->type_name("FILE")
          ->default_str("");
  CLI::Option* model =
      command->add_option("--model", options->model, "Start from this ARPA file instead of texts")
          ->type_name("FILE");
  command
      ->add_option("--output", options->output,
                   "File to write: the binary form for rescoring if it ends in .ngram, otherwise "
                   "ARPA, gzip if it ends in .gz")
      ->type_name("FILE");
  add_files("--perplexity", options->perplexity,
            "Text to measure the final model on, unknown words left out; may be repeated");

  CLI::Option* marks = command->add_flag(
      "--marks", options->marks,
      "Texts are written, with commas and full stops, which become words of the model: for the "
      "written form (docs/written.md)");
  CLI::Option* casing =
      command
          ->add_option("--casing", options->casing,
                       "File to write with the words of the texts that have capitals within "
                       "sentences")
          ->type_name("FILE")
          ->needs(marks);

  const std::vector<CLI::Option*> of_texts{
      texts,
      casing,
      command->add_option("--order", options->order, "Words in the longest n-grams")
          ->check(CLI::Range(1, 16)),
      command
          ->add_option(
              "--cutoffs", options->cutoffs,
              "Counts, separated by commas: 2-grams, 3-grams and so on that were seen at most so "
              "often are left out; without it none is")
          ->delimiter(',')
          ->default_str("")
          ->allow_extra_args(false),
      command
          ->add_option(
              "--vocabulary", options->vocabulary,
              "File with the allowed words, the first word of each line; without it every word is "
              "allowed")
          ->type_name("FILE"),
      command->add_option("--vocabulary-size", options->vocabulary_size,
                          "Keep only so many words, the most frequent; 0: all"),
      command->add_option("--minimum-word-count", options->minimum_word_count,
                          "Leave out words seen less often"),
      command->add_flag("--closed", options->closed,
                        "No <unk>: words outside the vocabulary get no probability"),
      add_files("--held-out", options->held_out,
                "Interpolate one model for each TEXT with the weights that suit this text best; "
                "may be repeated")};
  for (CLI::Option* option : of_texts) {
    if (option != texts) option->group("From texts");
  }

  command
      ->add_option("--prune", options->pruning.threshold,
                   "Drop n-grams whose loss raises perplexity by less than this fraction (1e-9: "
                   "few, 1e-7: most); 0: none")
      ->check(CLI::NonNegativeNumber)
      ->group("Size");
  command
      ->add_option("--prune-to-ngrams", options->pruning.max_ngrams,
                   "Keep only so many n-grams, single words included, the most useful; 0: all")
      ->group("Size");
  CLI::Option* decimals =
      command
          ->add_option("--decimals", options->decimals, "Decimals of logarithms in the ARPA file")
          ->check(CLI::Range(1, kMaxArpaDecimals))
          ->group("Size");
  CLI::Option* bits =
      command
          ->add_option("--bits", options->bits,
                       "Bits of each value in the .ngram file; 16 is exact for ARPA files of up to "
                       "3 decimals, 8 makes a smaller file")
          ->check(CLI::IsMember({8, 16}))
          ->group("Size");

  command->callback([options, of_texts, model, decimals, bits] {
    const bool from_texts = of_texts[0]->count() > 0;
    if (model->count() == 0 && !from_texts) throw CLI::RequiredError("TEXT or --model");
    for (const CLI::Option* option : of_texts) {
      if (model->count() > 0 && option->count() > 0) {
        throw CLI::ExcludesError("--model", option->get_name());
      }
    }
    if (options->is_output_mapped() && decimals->count() > 0) {
      throw CLI::ValidationError("--decimals", "is for ARPA files alone");
    }
    if (!options->is_output_mapped() && bits->count() > 0) {
      throw CLI::ValidationError("--bits", "is for .ngram files alone");
    }
    run(*options);
  });
}

}  // namespace harpy::tools
