#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "decoder/language_model/arpa.hpp"
#include "decoder/language_model/text_file.hpp"

namespace harpy {

namespace {

constexpr float kZeroProbability = -std::numeric_limits<float>::infinity();
/// Back-off weights above 10^99 are taken for damage.
constexpr double kLargestLogBackoff = 99.0;
/// Room made in advance for at most so many n-grams, whatever the header claims.
constexpr std::uint64_t kMaxReserved = 1U << 20U;
/// Characters of a faulty line that a message shows.
constexpr std::size_t kShownCharacters = 60;

/// The n-grams of one order as they stand in the file.
struct UnsortedLevel {
  std::vector<std::uint32_t> contexts;
  NgramLevel level;
};

class ArpaReader {
 public:
  explicit ArpaReader(const std::filesystem::path& path) : lines_(path) {}

  NgramModel read() {
    read_header();
    for (int order = 1; order <= this->order(); ++order) read_section(order);
    if (line_ != "\\end\\") fail("expected \\end\\, got " + shown(line_));
    while (const auto line = lines_.next()) {
      if (!line->empty()) throw lines_.error("expected nothing after \\end\\, got " + shown(*line));
    }
    for (const std::string_view marker : {kSentenceStartWord, kSentenceEndWord}) {
      if (vocabulary_.find(marker) == kNoWord) {
        throw std::runtime_error(lines_.path().string() + ": has no word " + std::string(marker));
      }
    }
    return {std::move(vocabulary_), std::move(levels_)};
  }

 private:
  int order() const { return static_cast<int>(counts_.size()); }

  [[noreturn]] void fail(const std::string& what) const { throw lines_.error(what); }

  static std::string shown(std::string_view text) {
    std::string quoted(1, '"');
    quoted += text.substr(0, kShownCharacters);
    quoted += text.size() > kShownCharacters ? "...\"" : "\"";
    return quoted;
  }

  /// Moves to the next line, which must exist; `line_` refers to it until the next move.
  void advance() {
    const auto line = lines_.next();
    if (!line) fail("the file ends here; expected more up to \\end\\");
    line_ = *line;
  }

  void advance_over_blank_lines() {
    do {
      advance();
    } while (line_.empty());
  }

  void read_header() {
    do {
      const auto line = lines_.next();
      if (!line) throw std::runtime_error(lines_.path().string() + ": has no line \\data\\");
      line_ = *line;
    } while (line_ != "\\data\\");
    for (advance_over_blank_lines(); line_.starts_with("ngram "); advance_over_blank_lines()) {
      std::string_view rest = line_.substr(6);
      const std::string expected = std::to_string(order() + 1) + "=";
      while (rest.starts_with(' ')) rest.remove_prefix(1);
      std::uint64_t count = 0;
      if (!rest.starts_with(expected) || !parse(rest.substr(expected.size()), count)) {
        fail("expected \"ngram " + expected + "COUNT\", got " + shown(line_));
      }
      if (count >= std::numeric_limits<std::uint32_t>::max()) fail("too many n-grams");
      counts_.push_back(count);
    }
    if (counts_.empty()) fail("expected \"ngram 1=COUNT\", got " + shown(line_));
  }

  template <typename Number>
  static bool parse(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
  }

  float parse_logarithm(std::string_view text, double largest, const char* what) const {
    double value = 0.0;
    if (!parse(text, value) || std::isnan(value) || value > largest) {
      fail("expected " + std::string(what) + ", got " + shown(text));
    }
    return value <= kArpaLogZero ? kZeroProbability
                                 : static_cast<float>(value * std::numbers::ln10);
  }

  void read_section(int order) {
    const std::string title = std::string("\\").append(std::to_string(order)) + "-grams:";
    if (line_ != title) fail("expected " + title + ", got " + shown(line_));
    const std::uint64_t count = counts_[order - 1];
    UnsortedLevel read;
    for (auto* values : {&read.level.log_probabilities, &read.level.log_backoffs}) {
      values->reserve(std::min(count, kMaxReserved));
    }
    advance();
    const std::uint64_t first_line = lines_.line_number();
    for (std::uint64_t i = 0; i < count; ++i, advance()) read_ngram(order, read);
    if (line_.empty()) advance_over_blank_lines();
    if (!line_.starts_with('\\')) {
      fail("expected " + std::to_string(count) + " lines of " + std::to_string(order) +
           "-grams, got more");
    }
    finish_level(order, std::move(read), first_line);
  }

  void read_ngram(int order, UnsortedLevel& read) {
    std::string_view rest = line_;
    const float log_probability =
        parse_logarithm(take_word(rest), 0.0, "the logarithm of a probability");
    if (order == 1) {
      read_unigram_word(take_word(rest));
    } else {
      read_words(order, rest, read);
    }
    read.level.log_probabilities.push_back(log_probability);
    const std::string_view backoff = take_word(rest);
    if (order < this->order()) {
      read.level.log_backoffs.push_back(
          backoff.empty()
              ? 0.0F
              : parse_logarithm(backoff, kLargestLogBackoff, "the logarithm of a back-off weight"));
    } else if (!backoff.empty()) {
      fail("expected no more than " + std::to_string(order) + " words, got " + shown(line_));
    }
    if (!take_word(rest).empty()) fail("too many fields: " + shown(line_));
  }

  void read_unigram_word(std::string_view word) {
    if (word.empty()) fail("expected a word, got " + shown(line_));
    const std::size_t size = vocabulary_.size();
    vocabulary_.add(word);
    if (vocabulary_.size() == size) fail("the word " + shown(word) + " was met before");
  }

  void read_words(int order, std::string_view& rest, UnsortedLevel& read) {
    std::uint32_t context = 0;
    WordId last = kNoWord;
    for (int n = 1; n <= order; ++n) {
      const std::string_view word = take_word(rest);
      last = vocabulary_.find(word);
      if (word.empty()) {
        fail("expected " + std::to_string(order) + " words, got " + shown(line_));
      }
      if (last == kNoWord) fail("the word " + shown(word) + " has no unigram");
      if (n == order) break;
      if (n == 1) {
        context = last;
        continue;
      }
      const auto longer = find_child(levels_, n - 1, context, last);
      if (!longer) fail("the context of this n-gram is not in the model: " + shown(line_));
      context = *longer;
    }
    read.contexts.push_back(context);
    read.level.words.push_back(last);
  }

  /// Puts a level that was read into order; its n-gram i stands in line first_line + i.
  void finish_level(int order, UnsortedLevel read, std::uint64_t first_line) {
    NgramLevel& level = read.level;
    if (order == 1) {
      level.words.resize(vocabulary_.size());
      std::iota(level.words.begin(), level.words.end(), WordId{0});
    } else {
      sort_level(read, first_line);
      std::vector<std::uint32_t>& first_child = levels_.back().first_child;
      first_child.assign(levels_.back().size() + 1, 0);
      for (const std::uint32_t context : read.contexts) ++first_child[context + 1];
      std::partial_sum(first_child.begin(), first_child.end(), first_child.begin());
    }
    levels_.push_back(std::move(level));
  }

  void sort_level(UnsortedLevel& read, std::uint64_t first_line) const {
    const auto& contexts = read.contexts;
    const auto& words = read.level.words;
    const auto key = [&](std::uint32_t i) { return std::pair(contexts[i], words[i]); };
    std::vector<std::uint32_t> places(words.size());
    std::iota(places.begin(), places.end(), 0U);
    const auto less = [&](std::uint32_t a, std::uint32_t b) { return key(a) < key(b); };
    if (!std::is_sorted(places.begin(), places.end(), less)) {
      std::stable_sort(places.begin(), places.end(), less);
    }
    const auto twin =
        std::adjacent_find(places.begin(), places.end(),
                           [&](std::uint32_t a, std::uint32_t b) { return key(a) == key(b); });
    if (twin != places.end()) {
      throw std::runtime_error(lines_.path().string() + ":" +
                               std::to_string(first_line + *(twin + 1)) +
                               ": this n-gram was met before");
    }
    const auto arrange = [&](auto& values) {
      if (values.empty()) return;
      auto arranged = values;
      for (std::size_t i = 0; i < places.size(); ++i) arranged[i] = values[places[i]];
      values = std::move(arranged);
    };
    arrange(read.level.log_probabilities);
    arrange(read.level.log_backoffs);
    auto sorted_contexts = contexts;
    for (std::size_t i = 0; i < places.size(); ++i) sorted_contexts[i] = contexts[places[i]];
    arrange(read.level.words);
    read.contexts = std::move(sorted_contexts);
  }

  LineReader lines_;
  std::string_view line_;
  std::vector<std::uint64_t> counts_;
  Vocabulary vocabulary_;
  std::vector<NgramLevel> levels_;
};

}  // namespace

NgramModel read_arpa(const std::filesystem::path& path) { return ArpaReader(path).read(); }

}  // namespace harpy
