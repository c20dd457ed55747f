#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include "tools/commands.hpp"
#include "tools/transcripts.hpp"
#include "tools/word_errors.hpp"

namespace harpy::tools {

namespace {

struct ScoreOptions {
  std::filesystem::path reference;
  std::filesystem::path hypothesis;
  bool characters = false;
  bool per_speaker = false;
  bool alignments = false;
};

/// The characters of a text, spaces between words included, each as a word of its own.
std::vector<std::string> split_characters(const std::string& text) {
  std::vector<std::string> characters;
  bool first = true;
  for (const std::string& word : split_words(text)) {
    if (!first) characters.emplace_back("_");
    first = false;
    for (std::size_t begin = 0; begin < word.size();) {
      std::size_t end = begin + 1;
      while (end < word.size() && (static_cast<unsigned char>(word[end]) & 0xC0U) == 0x80U) ++end;
      characters.push_back(word.substr(begin, end - begin));
      begin = end;
    }
  }
  return characters;
}

void print_alignment(const std::string& id, std::span<const Edit> alignment) {
  std::string reference = "REF:";
  std::string hypothesis = "HYP:";
  for (const Edit& edit : alignment) {
    const std::size_t width = std::max(edit.reference.size(), edit.hypothesis.size());
    const auto cell = [&](std::string_view word) {
      const char filler = word.empty() ? '*' : ' ';
      return " " + std::string(word) + std::string(width - word.size(), filler);
    };
    reference += cell(edit.reference);
    hypothesis += cell(edit.hypothesis);
  }
  std::printf("%s\n%s\n%s\n\n", id.c_str(), reference.c_str(), hypothesis.c_str());
}

void print_counts(const std::string& name, const char* measure, const ErrorCounts& counts) {
  std::printf("%s %s %.2f %% (%lld errors in %lld: %lld sub, %lld del, %lld ins)\n", name.c_str(),
              measure, counts.error_rate_percent(), static_cast<long long>(counts.errors()),
              static_cast<long long>(counts.reference_words),
              static_cast<long long>(counts.substitutions),
              static_cast<long long>(counts.deletions), static_cast<long long>(counts.insertions));
}

void score(const ScoreOptions& options) {
  const auto references = read_transcripts(options.reference);
  const auto hypotheses = read_transcripts(options.hypothesis);
  if (references.empty())
    throw std::runtime_error(options.reference.string() + ": holds no transcript");
  for (const auto& [id, transcript] : hypotheses) {
    if (!references.contains(id)) {
      throw std::runtime_error(options.hypothesis.string() + ": the utterance \"" + id +
                               "\" is not in " + options.reference.string());
    }
  }
  const char* measure = options.characters ? "CER" : "WER";
  ErrorCounts total;
  std::map<std::string, ErrorCounts> by_speaker;
  std::size_t missing = 0;
  std::size_t wrong = 0;
  for (const auto& [id, reference] : references) {
    const auto hypothesis = hypotheses.find(id);
    if (hypothesis == hypotheses.end()) ++missing;
    const std::string text =
        hypothesis == hypotheses.end() ? std::string() : hypothesis->second.text;
    const auto split = options.characters ? split_characters : +[](const std::string& line) {
      return split_words(line);
    };
    const std::vector<std::string> reference_words = split(reference.text);
    const std::vector<std::string> hypothesis_words = split(text);
    const std::vector<Edit> alignment = align_words(reference_words, hypothesis_words);
    const ErrorCounts counts = count_errors(alignment);
    if (options.alignments) print_alignment(id, alignment);
    wrong += counts.errors() > 0;
    total += counts;
    by_speaker[reference.speaker] += counts;
  }
  if (options.per_speaker) {
    for (const auto& [speaker, counts] : by_speaker) {
      print_counts(speaker.empty() ? "(unknown)" : speaker, measure, counts);
    }
  }
  print_counts("total", measure, total);
  std::printf("%zu utterances, %zu with errors, %zu without a hypothesis\n", references.size(),
              wrong, missing);
}

}  // namespace

void add_score_command(CLI::App& program) {
  auto options = std::make_shared<ScoreOptions>();
  CLI::App* command =
      program.add_subcommand("score", "Compare transcripts with what was really said (WER, CER)");
  command
      ->add_option("REFERENCE", options->reference,
                   "What was said: a manifest (JSON lines) or lines 'ID WORDS'")
      ->required();
  command->add_option("HYPOTHESIS", options->hypothesis, "What was recognised, in either form")
      ->required();
  command->add_flag("--characters", options->characters,
                    "Count characters (CER) instead of words (WER)");
  command->add_flag("--per-speaker", options->per_speaker,
                    "A line for each speaker before the total");
  command->add_flag("--alignments", options->alignments,
                    "Print every utterance aligned with its reference");
  command->callback([options] { score(*options); });
}

}  // namespace harpy::tools
