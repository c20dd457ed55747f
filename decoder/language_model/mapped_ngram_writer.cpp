#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

#include "decoder/language_model/codebook.hpp"
#include "decoder/language_model/mapped_ngram.hpp"

namespace harpy {

namespace {

/// Names of words, one behind the other, and their byte order.
struct NameTable {
  explicit NameTable(const Vocabulary& vocabulary) : order(vocabulary.size()) {
    begin.reserve(vocabulary.size() + 1);
    for (WordId word = 0; word < vocabulary.size(); ++word) {
      names += vocabulary.word(word);
      begin.push_back(static_cast<std::uint32_t>(names.size()));
    }
    std::iota(order.begin(), order.end(), WordId{0});
    std::sort(order.begin(), order.end(),
              [&](WordId a, WordId b) { return vocabulary.word(a) < vocabulary.word(b); });
  }

  std::string names;
  std::vector<std::uint32_t> begin{0};
  std::vector<WordId> order;
};

/// Values as codes of one or two bytes, and what they stand for.
struct CodedArray {
  CodedArray(const std::vector<float>& values, std::size_t code_bytes) {
    const Codebook codebook(values, std::size_t{1} << (8 * code_bytes));
    entries.assign(codebook.entries().begin(), codebook.entries().end());
    codes.reserve(values.size() * code_bytes);
    for (const float value : values) {
      const std::uint32_t code = codebook.code(value);
      codes.push_back(static_cast<std::uint8_t>(code));
      if (code_bytes == 2) codes.push_back(static_cast<std::uint8_t>(code >> 8U));
    }
  }

  std::vector<std::uint8_t> codes;
  std::vector<float> entries;
};

/// The arrays of one order.
struct CodedLevel {
  CodedLevel(const NgramLevel& level, std::size_t code_bytes)
      : probabilities(level.log_probabilities, code_bytes),
        backoffs(level.log_backoffs, code_bytes) {
    words.reserve(level.size());
    for (const WordId word : level.words) words.push_back(pack_word(word));
  }

  std::vector<PackedWord> words;
  CodedArray probabilities;
  CodedArray backoffs;
};

void check_writable(const NgramModel& model, int bits) {
  const auto refuse = [](const std::string& expected, std::size_t got) {
    throw std::invalid_argument("n-gram file: expected " + expected + ", got " +
                                std::to_string(got));
  };
  if (bits != 8 && bits != 16) refuse("codes of 8 or 16 bits", static_cast<std::size_t>(bits));
  if (model.order() > kMaxMappedOrder) {
    refuse("n-grams of at most " + std::to_string(kMaxMappedOrder) + " words",
           static_cast<std::size_t>(model.order()));
  }
  if (model.vocabulary().size() > kMaxPackedWords) {
    refuse("at most " + std::to_string(kMaxPackedWords) + " words", model.vocabulary().size());
  }
  if (model.vocabulary().sentence_end() == kNoWord) {
    throw std::invalid_argument("n-gram file: expected a model with </s>");
  }
}

}  // namespace

void write_mapped_ngram(const NgramModel& model, const std::filesystem::path& path, int bits) {
  check_writable(model, bits);
  const Vocabulary& vocabulary = model.vocabulary();
  const auto code_bytes = static_cast<std::size_t>(bits) / 8;
  const MappedNgramHeader header{.order = static_cast<std::uint32_t>(model.order()),
                                 .code_bytes = static_cast<std::uint32_t>(code_bytes),
                                 .sentence_start = vocabulary.sentence_start(),
                                 .sentence_end = vocabulary.sentence_end(),
                                 .unknown = vocabulary.unknown()};
  const NameTable names(vocabulary);
  std::vector<CodedLevel> levels;
  levels.reserve(static_cast<std::size_t>(model.order()));
  for (int order = 1; order <= model.order(); ++order) {
    levels.emplace_back(model.level(order), code_bytes);
  }

  std::vector<Section> sections{
      section_of(MappedNgramSection::kHeader, std::span(&header, 1)),
      section_of(MappedNgramSection::kNames, std::span<const char>(names.names)),
      section_of(MappedNgramSection::kNameBegin, names.begin),
      section_of(MappedNgramSection::kNameOrder, names.order)};
  for (int order = 1; order <= model.order(); ++order) {
    const CodedLevel& level = levels[static_cast<std::size_t>(order) - 1];
    const auto add = [&](MappedNgramPart part, const auto& values) {
      sections.push_back(section_of(section_of_order(order, part), values));
    };
    if (order > 1) add(MappedNgramPart::kWords, level.words);
    add(MappedNgramPart::kProbabilityCodes, level.probabilities.codes);
    add(MappedNgramPart::kProbabilityEntries, level.probabilities.entries);
    if (order == model.order()) break;
    add(MappedNgramPart::kBackoffCodes, level.backoffs.codes);
    add(MappedNgramPart::kBackoffEntries, level.backoffs.entries);
    add(MappedNgramPart::kFirstChild, model.level(order).first_child);
  }
  write_section_file(path, kMappedNgramFormat, sections);
}

}  // namespace harpy
