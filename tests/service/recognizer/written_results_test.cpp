#include "service/recognizer/written_words.hpp"

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/recognizer/recognizer.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/tiny_model.hpp"

namespace harpy {
namespace {

using ::testing::HasSubstr;

TEST(WrittenWords, HaveTheTimesOfTheWordsThatTheyStandFor) {
  const testing::TemporaryDirectory directory;
  std::filesystem::create_directory(directory.path() / "rules");
  std::ofstream(directory.path() / "rules/x.tsv")
      << "amount\ttwenty five\t25\ntext\t<amount> dollars\t$<amount>\t0.5\n";
  const WrittenForm form(directory.path());
  const std::vector<RecognizedWord> spoken{
      {"PAY", 1.0, 1.5}, {"TWENTY", 1.75, 2.0}, {"FIVE", 2.0, 2.25}, {"DOLLARS", 2.5, 3.0}};
  EXPECT_EQ(written_words(form, spoken),
            (std::vector<RecognizedWord>{{"PAY", 1.0, 1.5}, {"$25", 1.75, 3.0}}));
}

/// Sessions of the tiny model, whose words mean nothing.
class WrittenResults : public ::testing::Test {
 protected:
  WrittenResults() { testing::write_tiny_model(directory_.path()); }

  /// The last final, or the error, of a session that asks for the written form.
  SessionEvent last_event() {
    const auto backend = create_backend({});
    Recognizer recognizer(ModelPackage::load(*backend, directory_.path()), {});
    std::mutex mutex;
    std::condition_variable changed;
    SessionEvent last;
    bool has_ended = false;
    const auto session =
        recognizer.open({.endpoints = false, .written = true}, [&](const SessionEvent& event) {
          const std::lock_guard lock(mutex);
          if (event.kind == EventKind::kFinal || event.kind == EventKind::kError) last = event;
          has_ended = event.kind == EventKind::kEnd || event.kind == EventKind::kError;
          changed.notify_all();
        });
    std::vector<float> samples(32000);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      samples[i] = static_cast<float>((i * i / 7) % 200) / 400.0F - 0.25F;
    }
    session->push(samples);
    session->finish();
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return has_ended; });
    return last;
  }

  void name_written_folder(const std::string& folder) {
    ModelDescription description = read_model_description(directory_.path() / "model.json");
    description.written_folder = folder;
    write_model_description(directory_.path() / "model.json", description);
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(WrittenResults, StandBesideTheWords) {
  name_written_folder("written");
  std::filesystem::create_directories(directory_.path() / "written/rules");
  std::ofstream(directory_.path() / "written/rules/x.tsv")
      << "text\tone\t1\t0.1\ntext\ttwo\t2\t0.1\ntext\tthree\t3\t0.1\n";
  const SessionEvent final = last_event();
  ASSERT_EQ(final.kind, EventKind::kFinal) << final.error;
  ASSERT_FALSE(final.words.empty());
  ASSERT_EQ(final.written.size(), final.words.size());
  for (std::size_t i = 0; i < final.words.size(); ++i) {
    const std::string& word = final.words[i].text;
    EXPECT_EQ(final.written[i].text, word == "ONE" ? "1" : word == "TWO" ? "2" : "3");
    EXPECT_EQ(final.written[i].start_s, final.words[i].start_s);
    EXPECT_EQ(final.written[i].end_s, final.words[i].end_s);
  }
  EXPECT_EQ(&final.shown_words(), &final.written);
}

TEST_F(WrittenResults, OfAModelWithoutThemAreRefused) {
  const SessionEvent event = last_event();
  EXPECT_EQ(event.kind, EventKind::kError);
  EXPECT_TRUE(event.is_refusal);
  EXPECT_EQ(event.error, "written: the model names no written form of its language");
}

TEST_F(WrittenResults, OfTablesThatAreMissingAreAnErrorThatNamesThem) {
  name_written_folder("nowhere");
  const SessionEvent event = last_event();
  EXPECT_EQ(event.kind, EventKind::kError);
  EXPECT_FALSE(event.is_refusal);
  EXPECT_THAT(event.error, HasSubstr("nowhere/rules: holds no tables"));
}

}  // namespace
}  // namespace harpy
