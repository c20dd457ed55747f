#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "decoder/lattice/confusion_network.hpp"
#include "decoder/lattice/determinize.hpp"
#include "decoder/lattice/lattice_text.hpp"
#include "decoder/lattice/n_best.hpp"
#include "decoder/lattice/word_confidence.hpp"
#include "service/recognizer/recognizer.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/tiny_model.hpp"
#include "tests/support/unigram_file.hpp"

// What sessions tell beside the best path.

namespace harpy {
namespace {

using harpy::testing::TemporaryDirectory;

constexpr double kRateHz = 16000.0;

/// Two stretches of changing sounds with a long silence between them.
std::vector<float> changing_sounds() {
  std::mt19937 random(5);
  std::vector<float> samples(static_cast<std::size_t>(kRateHz * 6.0));
  double pitch_hz = 200.0;
  for (std::size_t index = 0; index < samples.size(); ++index) {
    if (index % static_cast<std::size_t>(kRateHz / 10.0) == 0) {
      pitch_hz = 100.0 + static_cast<double>(random() % 3000);
    }
    const double time_s = static_cast<double>(index) / kRateHz;
    const bool silent = time_s > 2.0 && time_s < 4.0;
    samples[index] =
        silent ? 0.0F : static_cast<float>(0.3 * std::sin(2.0 * M_PI * pitch_hz * time_s));
  }
  return samples;
}

class LatticeResults : public ::testing::Test {
 protected:
  static std::shared_ptr<const ModelPackage> model() {
    static const std::shared_ptr<const ModelPackage> package = [] {
      const TemporaryDirectory directory;
      harpy::testing::write_tiny_model(directory.path());
      const auto backend = create_backend({});
      return ModelPackage::load(*backend, directory.path());
    }();
    return package;
  }

  /// A model whose finals have the words of least expected errors, none of which is sure.
  static void write_unsure_model(const std::filesystem::path& folder, float lattice_beam) {
    harpy::testing::write_tiny_model(folder);
    ModelDescription description = read_model_description(folder / "model.json");
    description.minimum_bayes_risk = true;
    description.confidence.posterior_scale = 0.01;
    description.search.lattice_beam = lattice_beam;
    write_model_description(folder / "model.json", description);
  }

  static std::vector<SessionEvent> finals_of(Recognizer& recognizer,
                                             const SessionOptions& options) {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<SessionEvent> finals;
    bool has_ended = false;
    const auto session = recognizer.open(options, [&](const SessionEvent& event) {
      const std::lock_guard lock(mutex);
      EXPECT_NE(event.kind, EventKind::kError) << event.error;
      if (event.kind == EventKind::kPartial) {
        for (const RecognizedWord& word : event.words) EXPECT_FALSE(word.confidence);
      }
      if (event.kind == EventKind::kFinal) finals.push_back(event);
      has_ended = event.kind == EventKind::kEnd || event.kind == EventKind::kError;
      changed.notify_all();
    });
    session->push(changing_sounds());
    session->finish();
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return has_ended; });
    return finals;
  }
};

TEST_F(LatticeResults, AreThoseThatWereAskedFor) {
  Recognizer recognizer(model(), {});
  const std::vector<SessionEvent> plain = finals_of(recognizer, {});
  const std::vector<SessionEvent> finals = finals_of(recognizer, {.confidences = true,
                                                                  .max_alternatives = 5,
                                                                  .lattice = true,
                                                                  .raw_lattice = true,
                                                                  .phones = true});
  ASSERT_EQ(finals.size(), plain.size());
  std::size_t word_count = 0;
  for (std::size_t i = 0; i < finals.size(); ++i) {
    const SessionEvent& final = finals[i];
    EXPECT_EQ(final.text(), plain[i].text());
    EXPECT_TRUE(plain[i].alternatives.empty());
    EXPECT_EQ(plain[i].lattice.compact, nullptr);
    EXPECT_EQ(plain[i].lattice.raw, nullptr);
    for (const RecognizedWord& word : plain[i].words) EXPECT_FALSE(word.confidence);
    if (final.words.empty()) continue;
    word_count += final.words.size();

    for (const RecognizedWord& word : final.words) {
      ASSERT_TRUE(word.confidence);
      EXPECT_GE(*word.confidence, 0.0);
      EXPECT_LE(*word.confidence, 1.0);
      ASSERT_FALSE(word.phones.empty());
      EXPECT_EQ(word.phones.front().start_s, word.start_s);
      EXPECT_EQ(word.phones.back().end_s, word.end_s);
    }
    ASSERT_FALSE(final.alternatives.empty());
    EXPECT_LE(final.alternatives.size(), 5U);
    EXPECT_EQ(joined_text(final.alternatives[0].words), final.text());
    double sum = 0.0;
    for (std::size_t k = 0; k < final.alternatives.size(); ++k) {
      sum += final.alternatives[k].probability;
      if (k > 0) {
        EXPECT_LE(final.alternatives[k].score, final.alternatives[k - 1].score);
      }
    }
    EXPECT_LE(sum, 1.0 + 1e-9);

    const UtteranceLattice& lattice = final.lattice;
    ASSERT_TRUE(lattice.compact && lattice.raw && lattice.words);
    EXPECT_NEAR(best_path(*lattice.compact).cost, -final.alternatives[0].score, 1e-9);
    EXPECT_EQ(lattice_text("x", *lattice.compact, *lattice.words),
              lattice_text("x", determinize(*lattice.raw), *lattice.words));
  }
  EXPECT_GT(word_count, 0U);
}

/// The tiny model with n-gram models that make ONE dear and THREE cheap in the second pass.
std::shared_ptr<const ModelPackage> rescored_model(std::optional<double> deadline_ms) {
  const TemporaryDirectory directory;
  harpy::testing::write_tiny_model(directory.path());
  harpy::testing::write_unigrams(directory.path() / "graph.ngram",
                                 {{"ONE", 1.0F}, {"TWO", 1.0F}, {"THREE", 1.0F}});
  harpy::testing::write_unigrams(directory.path() / "larger.ngram",
                                 {{"ONE", 6.0F}, {"TWO", 4.0F}, {"THREE", 0.25F}});
  ModelDescription description = read_model_description(directory.path() / "model.json");
  description.rescoring = {.language_model = "larger.ngram",
                           .graph_language_model = "graph.ngram",
                           .scale = 0.75,
                           .deadline_ms = deadline_ms};
  write_model_description(directory.path() / "model.json", description);
  return ModelPackage::load(*create_backend({}), directory.path());
}

TEST_F(LatticeResults, AreThoseOfTheRescoredLattice) {
  const SessionOptions everything{
      .confidences = true, .max_alternatives = 3, .lattice = true, .phones = true};
  Recognizer first_pass(model(), {});
  const std::vector<SessionEvent> before = finals_of(first_pass, everything);
  const auto package = rescored_model({});
  Recognizer second_pass(package, {});
  const std::vector<SessionEvent> after = finals_of(second_pass, everything);
  const std::vector<SessionEvent> words_alone = finals_of(second_pass, {});
  ASSERT_EQ(after.size(), before.size());
  ASSERT_EQ(words_alone.size(), before.size());
  bool is_any_other = false;
  for (std::size_t i = 0; i < after.size(); ++i) {
    const CompactLattice expected =
        *package->decoding()->second_pass->rescorer->rescore(*before[i].lattice.compact);
    EXPECT_EQ(lattice_text("x", *after[i].lattice.compact, *after[i].lattice.words),
              lattice_text("x", expected, *after[i].lattice.words));
    std::vector<RecognizedWord> words;
    for (const std::int32_t word : best_path(expected).words) {
      words.push_back({.text = package->graph().words.name(word)});
    }
    EXPECT_EQ(after[i].text(), joined_text(words));
    EXPECT_EQ(words_alone[i].text(), after[i].text());
    EXPECT_EQ(joined_text(after[i].alternatives.at(0).words), after[i].text());
    for (const RecognizedWord& word : after[i].words) {
      EXPECT_TRUE(word.confidence);
      EXPECT_FALSE(word.phones.empty());
    }
    is_any_other = is_any_other || after[i].text() != before[i].text();
  }
  EXPECT_TRUE(is_any_other);
}

TEST_F(LatticeResults, AreThoseOfTheFirstPassWhereNothingIsRescored) {
  const auto texts_of = [](const std::shared_ptr<const ModelPackage>& package,
                           const SessionOptions& options) {
    Recognizer recognizer(package, {});
    std::vector<std::string> texts;
    for (const SessionEvent& final : finals_of(recognizer, options)) texts.push_back(final.text());
    return texts;
  };
  const std::vector<std::string> first_pass = texts_of(model(), {});
  const SessionOptions grammar{.steering = {.phrase_list = {"one two", "three"}}};
  const auto package = rescored_model({});
  EXPECT_EQ(texts_of(package, {.rescoring = false}), first_pass);
  const auto late = rescored_model(0.0);
  EXPECT_EQ(texts_of(late, {}), first_pass);
  Recognizer recognizer(late, {});
  for (const SessionEvent& final : finals_of(recognizer, {})) {
    EXPECT_EQ(final.warning.empty(), final.words.empty()) << final.warning;
  }
  EXPECT_EQ(texts_of(package, grammar), texts_of(model(), grammar));
}

TEST_F(LatticeResults, AreOfLeastExpectedErrorsIfTheModelSaysSo) {
  const TemporaryDirectory directory;
  write_unsure_model(directory.path(), 100.0F);
  const auto backend = create_backend({});
  const auto package = ModelPackage::load(*backend, directory.path());
  Recognizer recognizer(package, {});
  Recognizer best_paths(
      ModelPackage::load(*backend, directory.path(), {.minimum_bayes_risk = false}), {});
  const std::vector<SessionEvent> plain = finals_of(recognizer, {});
  const std::vector<SessionEvent> best = finals_of(best_paths, {});
  const std::vector<SessionEvent> finals =
      finals_of(recognizer, {.confidences = true, .lattice = true, .phones = true});
  ASSERT_EQ(finals.size(), plain.size());
  bool is_any_other = false;
  for (std::size_t i = 0; i < finals.size(); ++i) {
    const ConfusionNetwork expected = minimum_bayes_risk(
        *finals[i].lattice.compact, package->decoding()->confidence.posterior_scale);
    ASSERT_EQ(finals[i].words.size(), expected.words.size());
    double last_s = 0.0;
    for (std::size_t w = 0; w < expected.words.size(); ++w) {
      const RecognizedWord& word = finals[i].words[w];
      EXPECT_EQ(word.text, package->graph().words.name(expected.words[w]));
      EXPECT_NEAR(
          word.confidence.value(),
          calibrated_confidence(expected.probability_of(w), package->decoding()->confidence),
          1e-12);
      EXPECT_LT(word.start_s, word.end_s);
      EXPECT_GE(word.start_s, last_s);
      last_s = word.start_s;
    }
    EXPECT_EQ(plain[i].text(), finals[i].text());
    is_any_other = is_any_other || i >= best.size() || finals[i].text() != best[i].text();
  }
  EXPECT_TRUE(is_any_other);
}

TEST_F(LatticeResults, OfWhichNoWordIsSureEnoughAreTakenForNoise) {
  const TemporaryDirectory directory;
  write_unsure_model(directory.path(), 20.0F);
  const auto backend = create_backend({});
  const SessionOptions session{.confidences = true, .max_alternatives = 2, .lattice = true};
  Recognizer all(ModelPackage::load(*backend, directory.path()), {});
  const std::vector<SessionEvent> finals = finals_of(all, session);
  const auto surest = [](const SessionEvent& final) {
    double most = 0.0;
    for (const RecognizedWord& word : final.words) most = std::max(most, word.confidence.value());
    return most;
  };
  double least = 1.0;
  for (const SessionEvent& final : finals) {
    EXPECT_EQ(final.alternatives.empty(), final.lattice.compact->empty());
    if (!final.words.empty()) least = std::min(least, surest(final));
  }
  ASSERT_LT(least, 1.0);
  for (const double asked : {least, std::nextafter(least, 1.0)}) {
    Recognizer sure(ModelPackage::load(*backend, directory.path(), {.least_confidence = asked}),
                    {});
    const std::vector<SessionEvent> kept = finals_of(sure, session);
    ASSERT_EQ(kept.size(), finals.size());
    for (std::size_t i = 0; i < kept.size(); ++i) {
      const bool is_noise = surest(finals[i]) < asked;
      EXPECT_EQ(kept[i].text(), is_noise ? "" : finals[i].text());
      EXPECT_EQ(kept[i].alternatives.size(), is_noise ? 0 : finals[i].alternatives.size());
      EXPECT_NE(kept[i].lattice.compact, nullptr);
    }
  }
}

TEST_F(LatticeResults, OfAnImpossibleNumberAreRefused) {
  Recognizer recognizer(model(), {});
  EXPECT_THROW(recognizer.open({.max_alternatives = -1}, [](const SessionEvent&) {}),
               std::invalid_argument);
}

TEST_F(LatticeResults, OfSessionsSideBySideAreTheirOwn) {
  Recognizer recognizer(model(), {.sessions_at_once = 2});
  const std::vector<SessionEvent> with = finals_of(recognizer, {.confidences = true});
  std::vector<SessionEvent> without;
  std::vector<SessionEvent> again;
  std::jthread other([&] { without = finals_of(recognizer, {}); });
  again = finals_of(recognizer, {.confidences = true});
  other.join();
  ASSERT_EQ(again.size(), with.size());
  ASSERT_EQ(without.size(), with.size());
  for (std::size_t i = 0; i < with.size(); ++i) {
    EXPECT_EQ(again[i].words, with[i].words);
    EXPECT_EQ(without[i].text(), with[i].text());
  }
}

}  // namespace
}  // namespace harpy
