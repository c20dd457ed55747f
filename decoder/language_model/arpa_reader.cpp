#include <algorithm>
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
#include "models/files/text_lines.hpp"

namespace harpy {

namespace {

constexpr float kZeroProbability = -std::numeric_limits<float>::infinity();
/// Logarithms of probabilities up to this are 0 that was rounded.
constexpr double kLargestRounding = 0.01;
/// Back-off weights above 10^99 are taken for damage.
constexpr double kLargestLogBackoff = 99.0;
/// Room made in advance for at most so many n-grams, whatever the header claims.
constexpr std::uint64_t kMaxReserved = 1U << 20U;
constexpr std::string_view kCountWord = "ngram";
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
      if (!trim(*line).empty()) fail("expected nothing after \\end\\, got " + shown(*line));
    }
    for (const std::string_view marker : {kSentenceStartWord, kSentenceEndWord}) {
      if (vocabulary_.find(marker) == kNoWord) {
        throw std::runtime_error(lines_.path().string() + ": has no word " + std::string(marker));
      }
    }
    return {std::move(vocabulary_), std::move(levels_)};
  }

  const ArpaRepairs& repairs() const { return repairs_; }

 private:
  int order() const { return static_cast<int>(counts_.size()); }

  [[noreturn]] void fail(const std::string& what) const { throw lines_.error(what); }

  static std::string shown(std::string_view text) {
    std::string quoted(1, '"');
    quoted += text.substr(0, kShownCharacters);
    quoted += text.size() > kShownCharacters ? "...\"" : "\"";
    return quoted;
  }

  /// Moves to the next line, which must exist; `line_` is that without the blanks at its ends until
  /// the next move.
  void advance() {
    const auto line = lines_.next();
    if (!line) fail("the file ends here; expected more up to \\end\\");
    line_ = trim(*line);
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
      line_ = trim(*line);
    } while (line_ != "\\data\\");
    for (advance_over_blank_lines(); is_count_line(); advance_over_blank_lines()) {
      // Some tools put blanks around the numbers: "ngram  1=     6".
      const std::string_view rest = line_.substr(kCountWord.size());
      const std::size_t equals = std::min(rest.find('='), rest.size());
      const std::string order_text(trim(rest.substr(0, equals)));
      const std::string_view count_text = trim(rest.substr(std::min(equals + 1, rest.size())));
      const std::optional<double> count = parse_double(count_text);
      const bool is_count = count_text.find_first_not_of("0123456789") == std::string_view::npos;
      if (order_text != std::to_string(order() + 1) || !count || !is_count) {
        fail("expected \"ngram " + std::to_string(order() + 1) + "=COUNT\", got " + shown(line_));
      }
      if (*count >= std::numeric_limits<std::uint32_t>::max()) fail("too many n-grams");
      counts_.push_back(static_cast<std::uint64_t>(*count));
    }
    if (counts_.empty()) fail("expected \"ngram 1=COUNT\", got " + shown(line_));
  }

  bool is_count_line() const {
    return line_.starts_with(kCountWord) && line_.size() > kCountWord.size() &&
           kBlanks.find(line_[kCountWord.size()]) != std::string_view::npos;
  }

  float parse_logarithm(std::string_view text, double largest, const char* what) const {
    const std::optional<double> value = parse_double(text);
    if (!value || *value > largest) fail("expected " + std::string(what) + ", got " + shown(text));
    return *value <= kArpaLogZero ? kZeroProbability
                                  : static_cast<float>(*value * std::numbers::ln10);
  }

  float parse_probability(std::string_view text) {
    const float natural = parse_logarithm(text, kLargestRounding, "the logarithm of a probability");
    if (natural <= 0.0F) return natural;
    ++repairs_.positive_logarithms;
    return 0.0F;
  }

  void read_section(int order) {
    const std::string title = std::string("\\").append(std::to_string(order)) + "-grams:";
    const std::uint64_t count = counts_[order - 1];
    UnsortedLevel read;
    // An order without n-grams may lack its section.
    if (line_ != title && count == 0) return finish_level(order, std::move(read), 0);
    if (line_ != title) fail("expected " + title + ", got " + shown(line_));
    for (auto* values : {&read.level.log_probabilities, &read.level.log_backoffs}) {
      values->reserve(std::min(count, kMaxReserved));
    }
    advance();
    const std::uint64_t first_line = lines_.line_number();
    lines_without_ngram_.clear();
    for (std::uint64_t i = 0; i < count; ++i, advance()) {
      if (!read_ngram(order, read)) lines_without_ngram_.push_back(lines_.line_number());
    }
    if (line_.empty()) advance_over_blank_lines();
    if (!line_.starts_with('\\')) {
      fail("expected " + std::to_string(count) + " lines of " + std::to_string(order) +
           "-grams, got more");
    }
    finish_level(order, std::move(read), first_line);
  }

  /// Reads the n-gram of the line; false if it is left out.
  bool read_ngram(int order, UnsortedLevel& read) {
    std::string_view rest = line_;
    const float log_probability = parse_probability(take_word(rest));
    bool is_kept = true;
    if (order == 1) {
      read_unigram_word(take_word(rest));
    } else {
      is_kept = read_words(order, rest, read);
    }
    const std::string_view backoff = take_word(rest);
    const bool is_last_order = order == this->order();
    // Some tools write a weight of 1 to n-grams of the last order, which are no contexts.
    if (is_last_order && !backoff.empty() && parse_double(backoff) != 0.0) {
      fail("expected no more than " + std::to_string(order) + " words, got " + shown(line_));
    }
    const float log_backoff =
        backoff.empty()
            ? 0.0F
            : parse_logarithm(backoff, kLargestLogBackoff, "the logarithm of a back-off weight");
    if (!take_word(rest).empty()) fail("too many fields: " + shown(line_));
    if (!is_kept) return false;
    read.level.log_probabilities.push_back(log_probability);
    if (!is_last_order) read.level.log_backoffs.push_back(log_backoff);
    return true;
  }

  void read_unigram_word(std::string_view word) {
    if (word.empty()) fail("expected a word, got " + shown(line_));
    const std::size_t size = vocabulary_.size();
    vocabulary_.add(word);
    if (vocabulary_.size() == size) fail("the word " + shown(word) + " was met before");
  }

  /// False if the model lacks the n-gram without its last word.
  bool read_words(int order, std::string_view& rest, UnsortedLevel& read) {
    std::optional<std::uint32_t> context;
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
      if (context) context = find_child(levels_, n - 1, *context, last);
    }
    if (!context) {
      if (++repairs_.ngrams_without_context == 1) {
        repairs_.first_line_without_context = lines_.line_number();
      }
      return false;
    }
    read.contexts.push_back(*context);
    read.level.words.push_back(last);
    return true;
  }

  /// Puts a level that was read into order. Its n-grams stand in the lines from first_line on but
  /// for those in lines_without_ngram_.
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
      std::uint64_t line = first_line + *(twin + 1);
      for (const std::uint64_t other : lines_without_ngram_) line += other <= line ? 1 : 0;
      throw std::runtime_error(lines_.path().string() + ":" + std::to_string(line) +
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

  TextLines lines_;
  std::string_view line_;
  ArpaRepairs repairs_;
  std::vector<std::uint64_t> lines_without_ngram_;  ///< of the section that is read
  std::vector<std::uint64_t> counts_;
  Vocabulary vocabulary_;
  std::vector<NgramLevel> levels_;
};

}  // namespace

NgramModel read_arpa(const std::filesystem::path& path, ArpaRepairs* repairs) {
  ArpaReader reader(path);
  NgramModel model = reader.read();
  if (repairs != nullptr) *repairs = reader.repairs();
  return model;
}

std::string describe(const ArpaRepairs& repairs) {
  std::string text;
  if (repairs.positive_logarithms > 0) {
    text += std::to_string(repairs.positive_logarithms) +
            " logarithms of probabilities are a little above 0 and were taken as 0";
  }
  if (repairs.ngrams_without_context > 0) {
    text += (text.empty() ? "" : "; ") + std::to_string(repairs.ngrams_without_context) +
            " n-grams were left out because their context is not listed, the first in line " +
            std::to_string(repairs.first_line_without_context);
  }
  return text;
}

}  // namespace harpy
