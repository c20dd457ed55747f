// Numbers in words, as a small speller of this test says them, come back as figures.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <string>

#include "tests/decoder/written/written_english.hpp"

namespace harpy {
namespace {

using testing::written_text;

std::string spell_below_1000(std::uint64_t number, bool says_and) {
  static const std::array<const char*, 20> kSmall{
      "",         "one",     "two",     "three",     "four",     "five",    "six",
      "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",  "thirteen",
      "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
  static const std::array<const char*, 10> kTens{"",      "",      "twenty",  "thirty", "forty",
                                                 "fifty", "sixty", "seventy", "eighty", "ninety"};
  std::string words;
  const auto say = [&](const std::string& word) {
    if (!word.empty()) words += (words.empty() ? "" : " ") + word;
  };
  if (number >= 100) say(std::string(kSmall[number / 100]) + " hundred");
  if (number > 100 && number % 100 != 0 && says_and) say("and");
  const std::uint64_t rest = number % 100;
  if (rest >= 20) say(kTens[rest / 10]);
  say(kSmall[rest < 20 ? rest : rest % 10]);
  return words;
}

std::string spell(std::uint64_t number, bool says_and = false) {
  if (number == 0) return "zero";
  static const std::array<const char*, 5> kGroups{"", " thousand", " million", " billion",
                                                  " trillion"};
  std::string words;
  for (std::size_t group = 0; number > 0; ++group, number /= 1000) {
    if (number % 1000 == 0) continue;
    const std::string said = spell_below_1000(number % 1000, says_and) + kGroups[group];
    words = words.empty() ? said : said + " " + words;
  }
  return words;
}

/// With a comma between groups of three figures.
std::string figures(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

/// What is written for a number that stands alone.
std::string expected_alone(std::uint64_t number) {
  if (number < 10) return spell(number);
  if (number > 2000 && number < 2100) return std::to_string(number);  // a year
  std::uint64_t count = number;
  const char* name = nullptr;
  for (const char* scale : {"", "", " million", " billion", " trillion"}) {
    if (name != nullptr && *name != 0 && count < 1000) break;
    if (name != nullptr && count % 1000 != 0) return figures(number);
    if (name != nullptr) count /= 1000;
    name = scale;
  }
  return std::to_string(count) + name;
}

/// Numbers that are said with other words between, which is quicker than one by one.
class Numbers {
 public:
  ~Numbers() { compare(); }

  void add(const std::string& spoken, const std::string& written) {
    spoken_ += spoken + " house ";
    written_ += (written_.empty() ? "" : " ") + written + " house";
    if (++count_ % 200 == 0) compare();
  }

 private:
  void compare() {
    EXPECT_EQ(written_text(spoken_), written_);
    spoken_.clear();
    written_.clear();
  }

  std::string spoken_;
  std::string written_;
  int count_ = 0;
};

TEST(WrittenNumbers, NumbersComeBack) {
  Numbers numbers;
  for (std::uint64_t number = 0; number < 100'000; number += number < 10'000 ? 1 : 11) {
    numbers.add(spell(number), expected_alone(number));
  }
}

TEST(WrittenNumbers, NumbersComeBackBeforePercent) {
  Numbers numbers;
  for (std::uint64_t number = 0; number < 100'000; number += number < 2'000 ? 1 : 37) {
    numbers.add(spell(number, true) + " percent", figures(number) + "%");
  }
}

TEST(WrittenNumbers, LargeNumbersComeBack) {
  std::mt19937_64 random(3);
  Numbers numbers;
  for (int round = 0; round < 5'000; ++round) {
    const std::uint64_t limit = std::uint64_t{1} << (17 + random() % 32);
    std::uint64_t number = random() % limit;
    for (std::uint64_t step = 1000; random() % 3 == 0 && number > step; step *= 1000) {
      number -= number % step;  // some end with zeros
    }
    numbers.add(spell(number, round % 2 == 1), expected_alone(number));
  }
}

}  // namespace
}  // namespace harpy
