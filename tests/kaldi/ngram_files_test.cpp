// Language models of Kaldi's second pass, written by their definition, against the model that they
// were made of.
#include "kaldi/ngram_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <map>
#include <random>

#include "decoder/graph/compiler/grammar.hpp"
#include "tests/decoder/language_model/reference_ngrams.hpp"
#include "tests/kaldi/kaldi_writer.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// The number of a word in words.txt.
std::int32_t label_of(WordId word) { return static_cast<std::int32_t>(2 * word + 3); }

/// Writes a model as Kaldi's arpa-to-const-arpa does it.
class ConstArpaWriter {
 public:
  explicit ConstArpaWriter(const NgramModel& model) : model_(model) {}

  /// `overflows`: every third place is in the table of far places.
  void write(const std::filesystem::path& path, bool is_new, bool overflows) {
    overflows_ = overflows;
    const Vocabulary& vocabulary = model_.vocabulary();
    std::vector<std::int64_t> unigrams(
        static_cast<std::size_t>(label_of(static_cast<WordId>(vocabulary.size()))));
    for (WordId word = 0; word < vocabulary.size(); ++word) {
      unigrams[static_cast<std::size_t>(label_of(word))] = 1 + add_state(1, word);
    }
    KaldiWriter writer(true);
    if (is_new) writer.token("<ConstArpaLm>").token("<LmInfo>");
    writer.integer(label_of(vocabulary.sentence_start()));
    writer.integer(label_of(vocabulary.sentence_end())).integer(-1).integer(model_.order());
    if (is_new) writer.token("</LmInfo>").token("<LmStates>");
    std::string bytes = writer.bytes();
    const auto add = [&](auto value) {
      bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    };
    const auto add_size = [&](std::size_t size, bool is_long) {
      bytes += is_long ? '\10' : '\4';
      if (is_long) {
        add(static_cast<std::int64_t>(size));
      } else {
        add(static_cast<std::int32_t>(size));
      }
    };
    add_size(states_.size(), is_new);
    for (const std::int32_t value : states_) add(value);
    if (is_new) bytes += "</LmStates> <LmUnigram> ";
    add_size(unigrams.size(), false);
    for (const std::int64_t value : unigrams) add(value);
    if (is_new) bytes += "</LmUnigram> <LmOverflow> ";
    add_size(far_.size(), false);
    for (const std::int64_t value : far_) add(value);
    if (is_new) bytes += "</LmOverflow> </ConstArpaLm> ";
    std::ofstream(path, std::ios::binary) << bytes;
  }

 private:
  static std::int32_t bits(float value) { return std::bit_cast<std::int32_t>(value); }

  std::int64_t add_state(int order, std::size_t index) {
    const NgramLevel& level = model_.level(order);
    const bool has_children = order < model_.order();
    const std::size_t begin = has_children ? level.first_child[index] : 0;
    const std::size_t end = has_children ? level.first_child[index + 1] : 0;
    const auto offset = static_cast<std::int64_t>(states_.size());
    states_.push_back(bits(level.log_probabilities[index]));
    states_.push_back(bits(has_children ? level.log_backoffs[index] : 0.0F));
    states_.push_back(static_cast<std::int32_t>(end - begin));
    states_.resize(states_.size() + 2 * (end - begin));
    for (std::size_t child = begin; child < end; ++child) {
      const NgramLevel& longer = model_.level(order + 1);
      const std::size_t place = static_cast<std::size_t>(offset) + 3 + 2 * (child - begin);
      states_[place] = label_of(longer.words[child]);
      if (order + 1 == model_.order()) {
        states_[place + 1] = bits(longer.log_probabilities[child]) & ~1;
        continue;
      }
      const std::int64_t behind = add_state(order + 1, child);
      if (overflows_ && child % 3 == 0) {
        states_[place + 1] = -2 * static_cast<std::int32_t>(far_.size()) - 1;
        far_.push_back(1 + behind);
      } else {
        states_[place + 1] = 2 * static_cast<std::int32_t>(behind - offset) + 1;
      }
    }
    return offset;
  }

  const NgramModel& model_;
  bool overflows_ = false;
  std::vector<std::int32_t> states_;
  std::vector<std::int64_t> far_;
};

class NgramFiles : public ::testing::Test {
 protected:
  NgramFiles() {
    for (WordId word = 0; word < model_.vocabulary().size(); ++word) {
      names_[label_of(word)] = model_.vocabulary().word(word);
    }
  }

  /// Logarithm of the probability of a sentence, whose words are those of model_'s vocabulary.
  double log_probability(const NgramModel& model, const std::vector<WordId>& sentence) const {
    std::vector<WordId> said{model.vocabulary().sentence_start()};
    double sum = 0.0;
    for (const WordId word : sentence) {
      said.push_back(model.vocabulary().find(model_.vocabulary().word(word)));
      sum += model.log_probability(std::span(said).first(said.size() - 1), said.back());
    }
    return sum + model.log_probability(said, model.vocabulary().sentence_end());
  }

  void expect_the_model(const NgramModel& read) {
    EXPECT_EQ(read.order(), model_.order());
    for (int round = 0; round < 300; ++round) {
      std::vector<WordId> sentence;
      while (random_() % 6 > 0) {
        sentence.push_back(2 + static_cast<WordId>(random_() % (model_.vocabulary().size() - 2)));
      }
      const double expected = log_probability(model_, sentence);
      EXPECT_NEAR(log_probability(read, sentence), expected, 1e-4) << round;
    }
  }

  std::mt19937 random_{5};
  const NgramModel model_ =
      model_of(number_text(random_sentences(random_, 300, 12), {.has_unknown = false}), 3);
  LabelNames names_;
  const TemporaryDirectory directory_;
};

TEST_F(NgramFiles, ConstArpaHasTheProbabilitiesOfItsModel) {
  for (const bool is_new : {true, false}) {
    for (const bool overflows : {false, true}) {
      const auto path = directory_.path() / "G.carpa";
      ConstArpaWriter(model_).write(path, is_new, overflows);
      expect_the_model(kaldi::read_const_arpa(path, names_));
    }
  }
}

TEST_F(NgramFiles, GrammarsHaveTheProbabilitiesOfTheirModel) {
  std::vector<std::int32_t> outputs;
  for (WordId word = 0; word < model_.vocabulary().size(); ++word) {
    outputs.push_back(word < 2 ? 0 : label_of(word));
  }
  const GraphDescription grammar = make_grammar(model_, outputs);
  const auto path = directory_.path() / "G.fst";
  write_openfst(path, DecodingGraph(grammar).view());
  expect_the_model(kaldi::read_grammar_model(path, names_));
}

TEST_F(NgramFiles, WhatIsNoBackoffModelIsRefused) {
  const auto path = directory_.path() / "G.fst";
  const auto expect_refused = [&](std::vector<SourcedArc> arcs, const char* why) {
    const GraphDescription graph{.start = 0,
                                 .pdf_count = 9,
                                 .arcs = std::move(arcs),
                                 .final_costs = {kInfiniteCost, 0.0F, 0.0F}};
    write_openfst(path, DecodingGraph(graph).view());
    EXPECT_THAT([&] { kaldi::read_grammar_model(path, names_); },
                ThrowsMessage<std::runtime_error>(HasSubstr(why)));
  };
  const auto word = [](std::int32_t target, std::int32_t label) {
    return Arc{.target = target, .input = label, .output = label, .cost = 1.0F};
  };
  expect_refused({{0, word(1, label_of(2))}}, "no back-off from the start");
  expect_refused({{0, {.target = 1}}, {0, {.target = 2}}}, "a state with two back-offs");
  expect_refused({{0, {.target = 1}}, {1, word(1, 4)}}, "a word of number 4, which has no name");
  expect_refused({{0, {.target = 1}}, {1, word(1, label_of(2))}, {1, word(2, label_of(2))}},
                 "a word twice in a state");
  expect_refused({{0, {.target = 1}}, {1, word(2, label_of(2))}}, "a state without a back-off");
}

}  // namespace
}  // namespace harpy::testing
