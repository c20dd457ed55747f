// Grammars, new words and hot words on a graph that Kaldi made, with real speech.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <set>

#include "frontend/audio/audio_file.hpp"
#include "kaldi/conversion.hpp"
#include "service/recognizer/model_words.hpp"
#include "service/recognizer/recognizer.hpp"
#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/kaldi/kaldi_golden.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tools/score/word_errors.hpp"

namespace harpy::testing {
namespace {

namespace fs = std::filesystem;

const fs::path kPocketsphinxDictionary = "/usr/share/pocketsphinx/model/en-us/cmudict-en-us.dict";

/// The golden model as a package, converted once.
class KaldiSteering : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const fs::path folder = kaldi_golden_dir();
    if (folder.empty()) return;
    directory_ = std::make_unique<TemporaryDirectory>();
    kaldi::convert_model(folder / "model", directory_->path() / "package");
    backend_ = create_backend({});
    model_ = ModelPackage::load(*backend_, directory_->path() / "package");
  }
  static void TearDownTestSuite() {
    model_.reset();
    backend_.reset();
    directory_.reset();
  }
  void SetUp() override {
    if (!model_) GTEST_SKIP() << "needs the folder ../shared";
  }

  /// The words that are heard in a golden utterance, or what went wrong.
  static std::string recognize(const std::string& utterance, const SteeringRequest& request) {
    AudioFile audio(kaldi_golden_dir() / "golden" / (utterance + ".wav"));
    const std::vector<float> samples = read_all(audio);
    Recognizer recognizer(model_, {});
    std::string text;
    std::promise<std::string> ended;
    const auto session =
        recognizer.open({.partials = false, .endpoints = false, .steering = request},
                        [&](const SessionEvent& event) {
                          if (event.kind == EventKind::kFinal) text = event.text();
                          if (event.kind == EventKind::kError) ended.set_value(event.error);
                          if (event.kind == EventKind::kEnd) ended.set_value(text);
                        });
    session->push(samples);
    session->finish();
    return ended.get_future().get();
  }

  static std::vector<std::string> references() {
    std::vector<std::string> texts;
    for (const auto& [name, text] :
         read_golden_lines(kaldi_golden_dir() / "golden/reference.txt")) {
      texts.push_back(text);
    }
    return texts;
  }

  static std::unique_ptr<TemporaryDirectory> directory_;
  static std::unique_ptr<Backend> backend_;
  static std::shared_ptr<const ModelPackage> model_;
};

std::unique_ptr<TemporaryDirectory> KaldiSteering::directory_;
std::unique_ptr<Backend> KaldiSteering::backend_;
std::shared_ptr<const ModelPackage> KaldiSteering::model_;

/// The phones of each word of a dictionary, stress left out, as it has them.
std::map<std::string, std::set<std::string>> read_dictionary(const fs::path& path) {
  std::map<std::string, std::set<std::string>> words;
  std::ifstream stream(path);
  for (std::string line; std::getline(stream, line);) {
    const std::size_t blank = line.find(' ');
    std::string word = line.substr(0, blank);
    if (word.ends_with(')')) word.resize(word.rfind('('));
    words[word].insert(line.substr(blank + 1));
  }
  return words;
}

// The model's lexicon was made of this dictionary.
TEST_F(KaldiSteering, TheGraphTellsItsLexicon) {
  if (!fs::exists(kPocketsphinxDictionary)) GTEST_SKIP() << "needs pocketsphinx-en-us";
  const auto dictionary = read_dictionary(kPocketsphinxDictionary);
  const GraphPackage& package = model_->graph();
  EXPECT_EQ(package.labels.name(package.frame_labels.silence_label), "SIL");
  int with_pronunciations = 0;
  int differences = 0;
  for (std::int32_t word = 1; word < package.words.size(); ++word) {
    const auto known = dictionary.find(package.words.name(word));
    if (known == dictionary.end()) continue;
    ++with_pronunciations;
    std::set<std::string> found;
    for (const Lexicon::Pronunciation& phones : pronunciations_of(package, word)) {
      EXPECT_EQ(place_phones(package, phones), phones);
      std::string text;
      for (const std::int32_t phone : phones) {
        const std::string& name = package.labels.name(phone);
        text += (text.empty() ? "" : " ") + name.substr(0, name.size() - 2);
      }
      found.insert(text);
    }
    if (found != known->second && ++differences <= 10) {
      ADD_FAILURE() << package.words.name(word) << ": " << ::testing::PrintToString(found);
    }
  }
  EXPECT_GT(with_pronunciations, 20'000);
  EXPECT_EQ(differences, 0);
}

TEST_F(KaldiSteering, ListsOfPhrasesLetOneOfThemBeHeard) {
  const std::vector<std::string> phrases = references();
  for (const auto& [utterance, text] :
       read_golden_lines(kaldi_golden_dir() / "golden/reference.txt")) {
    EXPECT_EQ(recognize(utterance, {.phrase_list = phrases}), text) << utterance;
  }
}

TEST_F(KaldiSteering, NewWordsAreHeardInGrammars) {
  const std::string utterance = "1737-146161-0009";
  EXPECT_EQ(recognize(utterance, {.phrase_list = {"zot two together twice", "zot two"},
                                  .new_words = {{.text = "zot", .phones = "N IH T"}}}),
            "zot two together twice");
  // Without phones they are guessed from the spelling.
  EXPECT_EQ(recognize(utterance, {.phrase_list = {"nyt two together twice", "two"}}),
            "nyt two together twice");
}

// The model has <UNK>, but its graph does not.
TEST_F(KaldiSteering, UnknownWordsAreTheModelsOwn) {
  EXPECT_EQ(recognize("1737-146161-0009", {.phrase_list = {"two together twice", "[unk]"}}),
            "phrase_list: the model's graph has no word \"[unk]\" for unknown ones");
}

TEST_F(KaldiSteering, HotWordsAreHeardMoreReadily) {
  const std::string utterance = "1737-146161-0009";
  EXPECT_EQ(recognize(utterance, {}), "like two together twice");
  EXPECT_EQ(recognize(utterance, {.hot_phrases = {{.text = "knit", .boost = 15.0}}}),
            "knit two together twice");
}

TEST_F(KaldiSteering, NewWordsOutsideGrammarsAreRefused) {
  EXPECT_EQ(
      recognize("1737-146161-0009", {.new_words = {{.text = "zot", .phones = "Z AA T"}}}),
      "new_words: the model's graph was made elsewhere and takes new words in grammars alone");
}

}  // namespace
}  // namespace harpy::testing
