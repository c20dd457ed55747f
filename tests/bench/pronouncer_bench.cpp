// How well the sound of words is guessed that a lexicon lacks: pronouncer_bench LEXICON [EVERY]
// Every EVERY-th word (10) is held out, by its place in the alphabet; the others are learned from.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "acoustic/training/validation.hpp"
#include "decoder/graph/lexicon.hpp"
#include "decoder/pronunciation/pronouncer.hpp"

namespace {

using harpy::Lexicon;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Errors against the nearest of a word's pronunciations, as the published figures count them.
struct Score {
  std::size_t words = 0;
  std::size_t wrong_words = 0;
  std::size_t phones = 0;
  std::size_t wrong_phones = 0;

  void add(std::span<const Lexicon::Pronunciation> right, const Lexicon::Pronunciation& guess) {
    std::size_t least = std::numeric_limits<std::size_t>::max();
    std::size_t length = 0;
    for (const Lexicon::Pronunciation& pronunciation : right) {
      const auto errors = static_cast<std::size_t>(harpy::edit_distance(pronunciation, guess));
      if (errors >= least) continue;
      least = errors;
      length = pronunciation.size();
    }
    ++words;
    wrong_words += least > 0 ? 1 : 0;
    phones += length;
    wrong_phones += least;
  }
};

void measure(const std::string& file, std::size_t every) {
  const Lexicon all = Lexicon::read(file);
  const std::vector<std::string>& names = all.labels().names();
  Lexicon known = Lexicon::spell({}, {.phones = {names.begin() + 1, names.end()}});
  std::vector<std::string> words = all.words();
  std::sort(words.begin(), words.end());
  std::vector<std::string> held_out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i % every == 0) {
      held_out.push_back(words[i]);
      continue;
    }
    for (const Lexicon::Pronunciation& pronunciation : all.pronunciations(words[i])) {
      known.add_pronunciation(words[i], pronunciation);
    }
  }
  Clock::time_point start = Clock::now();
  const harpy::Pronouncer pronouncer(known);
  const double learning_s = seconds_since(start);
  Score score;
  start = Clock::now();
  for (const std::string& word : held_out) {
    score.add(all.pronunciations(word), pronouncer.pronounce(word));
  }
  const double guessing_s = seconds_since(start);
  std::printf(
      "%zu words learned in %.1f s; %zu held out, %.2f ms each: %.2f %% of phones wrong, "
      "%.2f %% of words\n",
      known.words().size(), learning_s, score.words,
      1e3 * guessing_s / static_cast<double>(score.words),
      100.0 * static_cast<double>(score.wrong_phones) / static_cast<double>(score.phones),
      100.0 * static_cast<double>(score.wrong_words) / static_cast<double>(score.words));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc < 2) {
      std::fprintf(stderr, "usage: pronouncer_bench LEXICON [EVERY]\n");
      return 2;
    }
    measure(argv[1], argc > 2 ? static_cast<std::size_t>(std::atoi(argv[2])) : 10);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "pronouncer_bench: error: %s\n", error.what());
    return 1;
  }
  return 0;
}
