#include "decoder/language_model/mapped_ngram.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace harpy {

namespace {

template <typename Code>
bool codes_fit(std::span<const Code> codes, std::size_t entry_count) {
  Code largest = 0;
  for (const Code code : codes) largest = std::max(largest, code);
  return codes.empty() || largest < entry_count;
}

bool rises(std::span<const std::uint32_t> offsets, std::size_t end) {
  return !offsets.empty() && offsets.front() == 0 && offsets.back() == end &&
         std::is_sorted(offsets.begin(), offsets.end());
}

}  // namespace

MappedNgramModel::MappedNgramModel(const std::filesystem::path& path, FileMemory memory) {
  const SectionFile file(path, kMappedNgramFormat, memory);
  mapping_ = file.mapping();
  const SectionKind kind = MappedNgramSection::kHeader;
  const auto headers = file.section<MappedNgramHeader>(kind);
  if (headers.size() != 1) throw file.failure(kind, "has a wrong size");
  header_ = headers[0];
  if (header_.order < 1 || header_.order > static_cast<std::uint32_t>(kMaxMappedOrder)) {
    throw file.failure(kind, "order " + std::to_string(header_.order));
  }
  if (header_.code_bytes != 1 && header_.code_bytes != 2) {
    throw file.failure(kind, "codes of " + std::to_string(header_.code_bytes) + " bytes");
  }
  read_names(file);
  const auto is_word = [&](WordId word) { return word < word_count(); };
  if (!is_word(header_.sentence_end) ||
      !(is_word(header_.sentence_start) || header_.sentence_start == kNoWord) ||
      !(is_word(header_.unknown) || header_.unknown == kNoWord)) {
    throw file.failure(kind, "a marker is no word");
  }
  for (int order = 1; order <= static_cast<int>(header_.order); ++order) {
    levels_.push_back(read_level(file, order));
  }
  check_children(file);
  if (header_.sentence_start != kNoWord && levels_.size() > 1 &&
      is_context(1, header_.sentence_start)) {
    start_.ngrams[0] = header_.sentence_start;
  }
}

void MappedNgramModel::read_names(const SectionFile& file) {
  names_ = file.section<char>(MappedNgramSection::kNames);
  name_begin_ = file.section<std::uint32_t>(MappedNgramSection::kNameBegin);
  name_order_ = file.section<WordId>(MappedNgramSection::kNameOrder);
  if (!rises(name_begin_, names_.size())) {
    throw file.failure(MappedNgramSection::kNameBegin, "does not rise to the size of the names");
  }
  const std::size_t words = name_begin_.size() - 1;
  if (name_order_.size() != words || std::any_of(name_order_.begin(), name_order_.end(),
                                                 [&](WordId word) { return word >= words; })) {
    throw file.failure(MappedNgramSection::kNameOrder, "does not list the words");
  }
}

MappedNgramModel::CodedValues MappedNgramModel::read_values(const SectionFile& file,
                                                            SectionKind codes,
                                                            SectionKind entries) const {
  CodedValues values{.short_codes = {}, .long_codes = {}, .entries = file.section<float>(entries)};
  if (header_.code_bytes == 1) {
    values.short_codes = file.section<std::uint8_t>(codes);
  } else {
    values.long_codes = file.section<std::uint16_t>(codes);
  }
  if (!codes_fit(values.short_codes, values.entries.size()) ||
      !codes_fit(values.long_codes, values.entries.size())) {
    throw file.failure(codes, "has a code without entry");
  }
  if (std::any_of(values.entries.begin(), values.entries.end(),
                  [](float entry) { return std::isnan(entry); })) {
    throw file.failure(entries, "has an entry that is no number");
  }
  return values;
}

MappedNgramModel::Level MappedNgramModel::read_level(const SectionFile& file, int order) const {
  const auto kind = [order](MappedNgramPart part) { return section_of_order(order, part); };
  Level level;
  level.log_probabilities = read_values(file, kind(MappedNgramPart::kProbabilityCodes),
                                        kind(MappedNgramPart::kProbabilityEntries));
  const std::size_t size = level.log_probabilities.size();
  if (order == 1) {
    if (size != word_count()) {
      throw file.failure(kind(MappedNgramPart::kProbabilityCodes), "has a wrong size");
    }
  } else {
    level.words = file.section<PackedWord>(kind(MappedNgramPart::kWords));
    if (level.words.size() != size) {
      throw file.failure(kind(MappedNgramPart::kWords), "has a wrong size");
    }
  }
  if (order == static_cast<int>(header_.order)) return level;
  level.log_backoffs = read_values(file, kind(MappedNgramPart::kBackoffCodes),
                                   kind(MappedNgramPart::kBackoffEntries));
  level.first_child = file.section<std::uint32_t>(kind(MappedNgramPart::kFirstChild));
  if (level.log_backoffs.size() != size) {
    throw file.failure(kind(MappedNgramPart::kBackoffCodes), "has a wrong size");
  }
  if (level.first_child.size() != size + 1) {
    throw file.failure(kind(MappedNgramPart::kFirstChild), "has a wrong size");
  }
  return level;
}

void MappedNgramModel::check_children(const SectionFile& file) const {
  for (std::size_t n = 0; n + 1 < levels_.size(); ++n) {
    if (!rises(levels_[n].first_child, levels_[n + 1].log_probabilities.size())) {
      throw file.failure(section_of_order(static_cast<int>(n) + 1, MappedNgramPart::kFirstChild),
                         "does not rise to the number of n-grams of the next order");
    }
  }
}

std::uint64_t MappedNgramModel::ngram_count() const {
  std::uint64_t count = 0;
  for (const Level& level : levels_) count += level.log_probabilities.size();
  return count;
}

std::string_view MappedNgramModel::word(WordId word) const {
  return {names_.data() + name_begin_[word], name_begin_[word + 1] - name_begin_[word]};
}

WordId MappedNgramModel::find(std::string_view name) const {
  const auto found = std::lower_bound(
      name_order_.begin(), name_order_.end(), name,
      [this](WordId place, std::string_view wanted) { return word(place) < wanted; });
  return found != name_order_.end() && word(*found) == name ? *found : kNoWord;
}

std::uint32_t MappedNgramModel::find_child(std::size_t length, std::uint32_t ngram,
                                           WordId word) const {
  const std::span<const std::uint32_t> first_child = levels_[length - 1].first_child;
  const std::span<const PackedWord> words = levels_[length].words;
  const auto end = words.begin() + first_child[ngram + 1];
  const auto found = std::lower_bound(
      words.begin() + first_child[ngram], end, word,
      [](const PackedWord& packed, WordId wanted) { return unpack_word(packed) < wanted; });
  if (found == end || unpack_word(*found) != word) return NgramContext::kNoNgram;
  return static_cast<std::uint32_t>(found - words.begin());
}

bool MappedNgramModel::is_context(std::size_t length, std::uint32_t ngram) const {
  const Level& level = levels_[length - 1];
  return level.first_child[ngram] < level.first_child[ngram + 1] ||
         level.log_backoffs[ngram] != 0.0F;
}

NgramStep MappedNgramModel::step(const NgramContext& context, WordId word) const {
  const WordId predicted = word < word_count() ? word : header_.unknown;
  NgramStep result{.cost = std::numeric_limits<float>::infinity(), .next = {}};
  if (predicted == kNoWord) return result;
  float log_backoff = 0.0F;
  bool is_predicted = false;
  for (std::size_t length = levels_.size(); length-- > 0;) {
    const std::uint32_t before = length == 0 ? 0 : context.ngrams[length - 1];
    if (before == NgramContext::kNoNgram) continue;
    const std::uint32_t ngram = length == 0 ? predicted : find_child(length, before, predicted);
    if (ngram == NgramContext::kNoNgram) {
      if (!is_predicted) log_backoff += levels_[length - 1].log_backoffs[before];
      continue;
    }
    if (!is_predicted) result.cost = -(log_backoff + levels_[length].log_probabilities[ngram]);
    is_predicted = true;
    if (length + 1 < levels_.size() && is_context(length + 1, ngram)) {
      result.next.ngrams[length] = ngram;
    }
  }
  return result;
}

}  // namespace harpy
