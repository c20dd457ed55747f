#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "decoder/language_model/arpa.hpp"
#include "kaldi/files/object_reader.hpp"
#include "kaldi/ngram_files.hpp"
#include "kaldi/ngram_levels.hpp"

namespace harpy::kaldi {

namespace {

/// Natural logarithm of a probability as these models have it, whose -99 stands for none.
float log_of(float stored) {
  constexpr double kLogZero = kArpaLogZero * 2.302585092994046;
  return stored <= static_cast<float>(kLogZero + 0.01) ? -std::numeric_limits<float>::infinity()
                                                       : stored;
}

class ConstArpa {
 public:
  explicit ConstArpa(const std::filesystem::path& path) : reader_(path) {
    if (!reader_.is_binary()) throw reader_.failure("expected a binary language model");
    is_new_ = reader_.take("<ConstArpaLm>");
    if (is_new_) reader_.expect("<LmInfo>");
    start_ = reader_.integer();
    end_ = reader_.integer();
    unknown_ = reader_.integer();
    reader_.integer();  // the order
    section("</LmInfo>", "<LmStates>");
    states_ = values<std::int32_t>();
    section("</LmStates>", "<LmUnigram>");
    unigrams_ = values<std::int64_t>(true);
    section("</LmUnigram>", "<LmOverflow>");
    overflow_ = values<std::int64_t>(true);
    if (is_new_) {
      reader_.expect("</LmOverflow>");
      reader_.expect("</ConstArpaLm>");
    }
  }

  NgramModel read(const LabelNames& words) {
    Vocabulary vocabulary;
    std::vector<ListedNgram> unigrams;
    number_of_.assign(unigrams_.size(), kNoWord);
    for (std::size_t i = 0; i < unigrams_.size(); ++i) {
      if (unigrams_[i] == 0) continue;
      number_of_[i] = vocabulary.add(name_of(static_cast<std::int32_t>(i), words));
      if (number_of_[i] != unigrams.size()) fail("a word that is there twice");
      unigrams.push_back(state_ngram(number_of_[i], unigrams_[i] - 1));
    }
    if (vocabulary.sentence_start() == kNoWord || vocabulary.sentence_end() == kNoWord) {
      fail("no ends of sentences");
    }
    try {
      return lay_out_ngrams(
          std::move(vocabulary), std::move(unigrams),
          [this](std::int64_t offset) { return followers(offset); }, states_.size());
    } catch (const std::invalid_argument& error) {
      fail(error.what());
    }
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(reader_.name() + ": " + what);
  }

  void section(const char* end, const char* begin) {
    if (!is_new_) return;
    reader_.expect(end);
    reader_.expect(begin);
  }

  /// An array: its size, of eight bytes in the new layout unless `has_short_size`, then its values.
  template <typename Value>
  std::vector<Value> values(bool has_short_size = false) {
    const std::int64_t size =
        is_new_ && !has_short_size ? reader_.long_integer() : reader_.integer();
    return reader_.raw_values<Value>(size);
  }

  std::string name_of(std::int32_t number, const LabelNames& words) const {
    if (number == start_) return std::string(kSentenceStartWord);
    if (number == end_) return std::string(kSentenceEndWord);
    const auto name = words.find(number);
    if (name != words.end()) return name->second;
    fail("a word of number " + std::to_string(number) + ", which has no name");
  }

  std::int32_t value(std::int64_t offset) const {
    if (offset < 0 || offset >= std::ssize(states_)) fail("a place that is not there");
    return states_[static_cast<std::size_t>(offset)];
  }

  float probability(float stored) const {
    if (!(stored < 0.01F)) fail("a probability that is none");
    return log_of(std::min(stored, 0.0F));
  }

  ListedNgram state_ngram(WordId word, std::int64_t offset) const {
    const auto backoff = std::bit_cast<float>(value(offset + 1));
    if (std::isnan(backoff)) fail("a back-off weight that is none");
    return {.word = word,
            .log_probability = probability(std::bit_cast<float>(value(offset))),
            .log_backoff = log_of(backoff),
            .context = value(offset + 2) > 0 ? offset : ListedNgram::kNoContext};
  }

  std::vector<ListedNgram> followers(std::int64_t offset) const {
    const std::int64_t count = value(offset + 2);
    std::vector<ListedNgram> ngrams;
    if (count > (std::ssize(states_) - offset) / 2) fail("more n-grams than the file holds");
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t place = offset + 3 + 2 * i;
      const std::int32_t number = value(place);
      const std::int32_t info = value(place + 1);
      const bool is_known = number >= 0 && number < std::ssize(number_of_) &&
                            number_of_[static_cast<std::size_t>(number)] != kNoWord;
      if (!is_known) fail("an n-gram of a word without probability");
      const WordId word = number_of_[static_cast<std::size_t>(number)];
      if (!ngrams.empty() && word <= ngrams.back().word) fail("n-grams in no order");
      if (info % 2 == 0) {
        ngrams.push_back(
            {.word = word, .log_probability = probability(std::bit_cast<float>(info))});
      } else {
        ngrams.push_back(state_ngram(word, child_offset(offset, info / 2)));
      }
    }
    return ngrams;
  }

  std::int64_t child_offset(std::int64_t offset, std::int32_t distance) const {
    if (distance > 0) return offset + distance;
    const std::int64_t place = -std::int64_t{distance};
    if (place >= std::ssize(overflow_)) fail("a place that is not there");
    return overflow_[static_cast<std::size_t>(place)] - 1;
  }

  ObjectReader reader_;
  bool is_new_ = false;
  std::int32_t start_ = 0;
  std::int32_t end_ = 0;
  std::int32_t unknown_ = 0;
  std::vector<std::int32_t> states_;
  std::vector<std::int64_t> unigrams_;
  std::vector<std::int64_t> overflow_;
  std::vector<WordId> number_of_;
};

}  // namespace

NgramModel read_const_arpa(const std::filesystem::path& path, const LabelNames& words) {
  return ConstArpa(path).read(words);
}

}  // namespace harpy::kaldi
