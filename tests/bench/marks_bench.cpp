// How well capitals and marks are found: takes them off written text and puts them back.
//
//   marks_bench models/written/en/punctuation held-out.txt [lines of an utterance: 4]
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "decoder/written/letter_case.hpp"
#include "decoder/written/marked_text.hpp"
#include "decoder/written/punctuation.hpp"
#include "models/files/text_lines.hpp"

namespace {

using namespace harpy;

/// Places of a kind: in the text, found, and both.
struct Found {
  int wanted = 0;
  int found = 0;
  int right = 0;

  void add(bool is_wanted, bool is_found) {
    wanted += is_wanted ? 1 : 0;
    found += is_found ? 1 : 0;
    right += is_wanted && is_found ? 1 : 0;
  }

  void print(const char* name) const {
    const double precision = static_cast<double>(right) / found;
    const double recall = static_cast<double>(right) / wanted;
    std::printf("%-14s %7d %9.1f %7.1f %7.1f\n", name, wanted, 100.0 * precision, 100.0 * recall,
                200.0 * precision * recall / (precision + recall));
  }
};

struct Scores {
  std::vector<Found> marks = std::vector<Found>(kMarkCount);
  Found capitals;

  void add(const Punctuation& punctuation, const std::vector<MarkedWord>& words) {
    std::vector<PlainToken> tokens;
    for (const MarkedWord& word : words) tokens.push_back({.text = lower_case(word.text)});
    const std::vector<std::string> texts = punctuation.apply(tokens);
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::vector<MarkedWord> read = read_marked_text(texts[i]);
      const MarkedWord found = read.size() == 1 ? read[0] : MarkedWord{texts[i], Mark::kNone};
      for (std::size_t mark = 1; mark < kMarkCount; ++mark) {
        marks[mark].add(words[i].mark == static_cast<Mark>(mark),
                        found.mark == static_cast<Mark>(mark));
      }
      capitals.add(words[i].text != lower_case(words[i].text),
                   found.text != lower_case(found.text));
    }
  }
};

void measure(const char* folder, const char* text, int utterance_lines) {
  const Punctuation punctuation(folder);
  TextLines lines(text);
  Scores scores;
  std::vector<MarkedWord> words;
  int line_count = 0;
  const auto finish = [&] {
    scores.add(punctuation, words);
    words.clear();
  };
  while (const auto line = lines.next()) {
    for (MarkedWord& word : read_marked_text(*line)) words.push_back(std::move(word));
    if (++line_count % utterance_lines == 0) finish();
  }
  finish();
  std::printf("%-14s %7s %9s %7s %7s\n", "", "places", "precision", "recall", "F1");
  scores.marks[static_cast<std::size_t>(Mark::kComma)].print("commas");
  scores.marks[static_cast<std::size_t>(Mark::kFullStop)].print("full stops");
  scores.marks[static_cast<std::size_t>(Mark::kQuestionMark)].print("question marks");
  scores.capitals.print("capitals");
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count < 3) throw std::invalid_argument("marks_bench FOLDER TEXT [LINES]");
    const int lines = count > 3 ? std::atoi(arguments[3]) : 4;
    measure(arguments[1], arguments[2], lines > 0 ? lines : 1);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
