#include "decoder/graph/lexicon.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <utility>

#include "models/files/text_lines.hpp"
#include "models/files/utf8.hpp"

namespace harpy {

namespace {

/// A word without the number of its variant: "read(2)" is "read".
std::string_view drop_variant(std::string_view word) {
  if (word.size() < 4 || word.back() != ')') return word;
  const std::size_t open = word.rfind('(');
  if (open == std::string_view::npos || open == 0 || open + 2 >= word.size()) return word;
  const std::string_view digits = word.substr(open + 1, word.size() - open - 2);
  const bool is_number =
      std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  return is_number ? word.substr(0, open) : word;
}

std::vector<std::string_view> split_characters(std::string_view word) {
  if (valid_utf8_bytes(word) < word.size()) {
    throw std::invalid_argument("word \"" + std::string(word) + "\" is not UTF-8");
  }
  std::vector<std::string_view> characters;
  while (!word.empty()) {
    const std::size_t size = first_character_bytes(word);
    characters.push_back(word.substr(0, size));
    word.remove_prefix(size);
  }
  return characters;
}

/// The number that a field is, if it is one.
std::optional<float> number_of(std::string_view field) {
  if (field.empty() || std::string_view("0123456789.+-").find(field[0]) == std::string_view::npos) {
    return std::nullopt;
  }
  return parse_float(field);
}

/// Errors: std::invalid_argument for a number, which is more likely a probability than a phone.
void check_is_no_number(std::string_view phone) {
  if (!number_of(phone)) return;
  throw std::invalid_argument(
      "\"" + std::string(phone) +
      "\" is a number, not a phone: probabilities stand behind the word in every line or in none, "
      "and phones that are numbers must be listed (--phones)");
}

/// One line of a lexicon: the word and what stands behind it, without comments.
struct LexiconLine {
  std::string place;  ///< "FILE:LINE"
  std::string word;
  std::vector<std::string> fields;
};

std::vector<LexiconLine> read_lines(const std::filesystem::path& path) {
  std::vector<LexiconLine> entries;
  TextLines lines(path);
  while (const auto line = lines.next()) {
    const std::vector<std::string_view>& fields = lines.fields();
    if (fields.empty() || fields[0].starts_with(";;;")) continue;
    const auto end = std::find(fields.begin() + 1, fields.end(), "#");
    if (end == fields.begin() + 1) {
      throw lines.error("the word \"" + std::string(fields[0]) + "\" has no phones");
    }
    if (const std::size_t odd = find_odd_space(*line);
        odd < static_cast<std::size_t>((end - 1)->end() - line->begin())) {
      throw lines.error_at(odd,
                           "a no-break space or another character that cannot be seen; fields are "
                           "separated by spaces or tabs");
    }
    entries.push_back({lines.place(), std::string(fields[0]), {fields.begin() + 1, end}});
  }
  return entries;
}

/// Whether the second field of each line is a probability, as in Kaldi's lexiconp.txt.
bool has_probabilities(const std::vector<LexiconLine>& lines,
                       const std::vector<std::string>& phones) {
  return std::all_of(lines.begin(), lines.end(), [&](const LexiconLine& line) {
    return number_of(line.fields[0]) &&
           std::find(phones.begin(), phones.end(), line.fields[0]) == phones.end();
  });
}

/// What the first field of a line costs as a probability.
float cost_of(const LexiconLine& line) {
  const float probability = number_of(line.fields[0]).value_or(0.0F);
  if (!(probability > 0.0F && probability <= 1.0F)) {
    throw std::invalid_argument("expected a probability greater than 0 and at most 1, got " +
                                line.fields[0]);
  }
  if (line.fields.size() == 1) {
    throw std::invalid_argument("the word \"" + line.word + "\" has no phones");
  }
  return -std::log(probability);
}

}  // namespace

std::string fold_case(std::string_view word, LetterCase letter_case) {
  std::string folded(word);
  for (char& letter : folded) {
    if (letter_case == LetterCase::kUpper && letter >= 'a' && letter <= 'z') {
      letter = static_cast<char>(letter - 'a' + 'A');
    } else if (letter_case == LetterCase::kLower && letter >= 'A' && letter <= 'Z') {
      letter = static_cast<char>(letter - 'A' + 'a');
    }
  }
  return folded;
}

Lexicon::Lexicon(const LexiconOptions& options) : phones_are_fixed_(!options.phones.empty()) {
  labels_.add(kBlankName);
  for (const std::string& phone : options.phones) labels_.add(phone);
}

Lexicon Lexicon::read(const std::filesystem::path& path, const LexiconOptions& options) {
  Lexicon lexicon(options);
  const std::vector<LexiconLine> lines = read_lines(path);
  const bool is_weighted = has_probabilities(lines, options.phones);
  for (const LexiconLine& line : lines) {
    try {
      const float cost = is_weighted ? cost_of(line) : 0.0F;
      Pronunciation pronunciation;
      for (auto phone = line.fields.begin() + (is_weighted ? 1 : 0); phone != line.fields.end();
           ++phone) {
        if (options.phones.empty()) check_is_no_number(*phone);
        pronunciation.push_back(lexicon.label(*phone));
      }
      lexicon.add(fold_case(drop_variant(line.word), options.letter_case), std::move(pronunciation),
                  cost);
    } catch (const std::invalid_argument& error) {
      throw std::runtime_error(line.place + ": " + error.what());
    }
  }
  if (lexicon.words_.size() == 0) throw std::runtime_error(path.string() + ": holds no word");
  lexicon.sort_phones();
  return lexicon;
}

Lexicon Lexicon::spell(std::span<const std::string> words, const LexiconOptions& options) {
  Lexicon lexicon(options);
  for (const std::string& word : words) {
    const std::string folded = fold_case(word, options.letter_case);
    Pronunciation pronunciation;
    for (std::string_view character : split_characters(folded)) {
      pronunciation.push_back(lexicon.label(character));
    }
    lexicon.add(folded, std::move(pronunciation));
  }
  lexicon.sort_phones();
  return lexicon;
}

const Lexicon::Variants* Lexicon::find(std::string_view word) const {
  const std::optional<std::int32_t> index = words_.find(word);
  return index ? &variants_[static_cast<std::size_t>(*index)] : nullptr;
}

std::span<const Lexicon::Pronunciation> Lexicon::pronunciations(std::string_view word) const {
  const Variants* variants = find(word);
  if (variants == nullptr) return {};
  return variants->pronunciations;
}

std::span<const float> Lexicon::pronunciation_costs(std::string_view word) const {
  const Variants* variants = find(word);
  if (variants == nullptr) return {};
  return variants->costs;
}

void Lexicon::add_pronunciation(std::string_view word, Pronunciation pronunciation) {
  const auto is_phone = [this](std::int32_t label) { return label > 0 && label < labels_.size(); };
  if (pronunciation.empty() || !std::all_of(pronunciation.begin(), pronunciation.end(), is_phone)) {
    throw std::invalid_argument("lexicon: expected labels 1 to " +
                                std::to_string(labels_.size() - 1) + " of \"" + std::string(word) +
                                "\"");
  }
  add(word, std::move(pronunciation));
}

void Lexicon::add_words(const Lexicon& other) {
  std::vector<std::int32_t> label_here{kBlankLabel};
  for (std::int32_t phone = 1; phone < other.labels_.size(); ++phone) {
    label_here.push_back(label(other.labels_.name(phone)));
  }
  for (const std::string& word : other.words()) {
    const Variants& variants = *other.find(word);
    for (std::size_t i = 0; i < variants.costs.size(); ++i) {
      Pronunciation pronunciation = variants.pronunciations[i];
      for (std::int32_t& phone : pronunciation) phone = label_here[phone];
      add(word, std::move(pronunciation), variants.costs[i]);
    }
  }
  sort_phones();
}

std::int32_t Lexicon::label(std::string_view phone) {
  if (phone == kBlankName) throw std::invalid_argument("blank is no phone of a word");
  if (const std::optional<std::int32_t> known = labels_.find(phone)) return *known;
  if (phones_are_fixed_) {
    throw std::invalid_argument("phone \"" + std::string(phone) + "\" is not one of the " +
                                std::to_string(labels_.size() - 1) + " phones given");
  }
  return labels_.add(phone);
}

void Lexicon::add(std::string_view word, Pronunciation pronunciation, float cost) {
  const std::optional<std::int32_t> known = words_.find(word);
  const auto index = static_cast<std::size_t>(known ? *known : words_.add(word));
  if (!known) variants_.emplace_back();
  auto& [pronunciations, costs] = variants_[index];
  const auto twin = std::find(pronunciations.begin(), pronunciations.end(), pronunciation);
  if (twin != pronunciations.end()) {
    const auto place = twin - pronunciations.begin();
    if (costs[static_cast<std::size_t>(place)] <= cost) return;
    pronunciations.erase(twin);
    costs.erase(costs.begin() + place);
  }
  const auto place = std::upper_bound(costs.begin(), costs.end(), cost) - costs.begin();
  pronunciations.insert(pronunciations.begin() + place, std::move(pronunciation));
  costs.insert(costs.begin() + place, cost);
}

void Lexicon::sort_phones() {
  if (phones_are_fixed_) return;
  const SymbolTable found = std::move(labels_);
  std::vector<std::string> names = found.names();
  std::sort(names.begin() + 1, names.end());
  labels_ = SymbolTable(names);
  std::vector<std::int32_t> sorted_label;
  for (const std::string& name : found.names()) sorted_label.push_back(*labels_.find(name));
  for (Variants& variants : variants_) {
    for (Pronunciation& pronunciation : variants.pronunciations) {
      for (std::int32_t& phone : pronunciation) phone = sorted_label[phone];
    }
  }
}

}  // namespace harpy
