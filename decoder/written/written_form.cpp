#include "decoder/written/written_form.hpp"

#include <stdexcept>
#include <utility>

#include "decoder/written/letter_case.hpp"
#include "decoder/written/punctuation.hpp"

namespace harpy {

namespace {

std::unique_ptr<const Punctuation> load_punctuation(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder)) return nullptr;
  return std::make_unique<const Punctuation>(folder);
}

}  // namespace

WrittenForm::WrittenForm(const std::filesystem::path& folder)
    : WrittenForm(read_written_rules(folder / "rules"), load_punctuation(folder / "punctuation")) {}

WrittenForm::WrittenForm(WrittenRules rules, std::unique_ptr<const Punctuation> punctuation)
    : texts_(std::move(rules.texts)), rules_(rules), punctuation_(std::move(punctuation)) {
  for (std::string& word : rules.words) {
    const auto number = static_cast<std::int32_t>(numbers_.size());
    numbers_.emplace(std::move(word), number);
  }
}

WrittenForm::~WrittenForm() = default;

std::vector<WrittenToken> WrittenForm::apply(std::span<const std::string> words,
                                             std::span<const double> pauses_s) const {
  if (!pauses_s.empty() && pauses_s.size() != words.size()) {
    throw std::invalid_argument("WrittenForm::apply: expected a pause for each of " +
                                std::to_string(words.size()) + " words, got " +
                                std::to_string(pauses_s.size()));
  }
  std::vector<std::int32_t> numbers;
  numbers.reserve(words.size());
  for (const std::string& word : words) {
    const auto known = numbers_.find(lower_case(word));
    numbers.push_back(known == numbers_.end() ? RuleTransducer::kOtherWord : known->second);
  }
  std::vector<WrittenToken> written;
  std::vector<PlainToken> plain;
  std::size_t begin = 0;
  for (const RuleTransducer::Token& token : rules_.cheapest(numbers)) {
    WrittenToken& next = written.emplace_back();
    next.begin = begin;
    next.end = begin + static_cast<std::size_t>(token.word_count);
    if (token.is_kept) next.text = words[begin];
    for (const std::int32_t text : token.texts) next.text += texts_[static_cast<std::size_t>(text)];
    begin = next.end;
    plain.push_back({.text = next.text, .is_cased = !token.is_kept});
    if (!pauses_s.empty()) plain.back().pause_s = pauses_s[next.end - 1];
  }
  if (punctuation_ == nullptr) return written;
  std::vector<std::string> texts = punctuation_->apply(plain);
  for (std::size_t i = 0; i < written.size(); ++i) written[i].text = std::move(texts[i]);
  return written;
}

}  // namespace harpy
