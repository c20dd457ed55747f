#include "tools/transcribe/ordered_transcriber.hpp"

#include <atomic>
#include <cmath>
#include <map>
#include <stdexcept>

#include <gtest/gtest.h>

#include "acoustic/backend/backend.hpp"
#include "service/recognizer/model_package.hpp"
#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/tiny_model.hpp"

namespace harpy::tools {
namespace {

class OrderedTranscriberTest : public ::testing::Test {
 protected:
  static std::shared_ptr<const ModelPackage> tiny_model() {
    const harpy::testing::TemporaryDirectory directory;
    harpy::testing::write_tiny_model(directory.path());
    const auto backend = create_backend({});
    return ModelPackage::load(*backend, directory.path());
  }

  /// Recordings that cannot be read, each with a fault that tells its number.
  static std::vector<Recording> numbered_recordings(int count) {
    std::vector<Recording> recordings;
    for (int i = 0; i < count; ++i) {
      const std::string id = std::to_string(i);
      recordings.push_back({.id = id, .fault = "of " + id});
    }
    return recordings;
  }

  Recognizer recognizer_{tiny_model(), {}};
};

TEST_F(OrderedTranscriberTest, ResultsComeInTheOrderOfTheRecordings) {
  const auto recordings = numbered_recordings(200);
  std::atomic<int> done = 0;
  OrderedTranscriber transcriber(
      recognizer_, recordings,
      {.sessions = 16, .readers = 4, .on_recording_done = [&done] { ++done; }});
  std::vector<std::string> order;
  transcriber.run([&](const Recording& recording, const Transcription& result) {
    EXPECT_EQ(result.error, "of " + recording.id);
    order.push_back(recording.id);
  });
  ASSERT_EQ(order.size(), recordings.size());
  for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], recordings[i].id);
  EXPECT_EQ(done, 200);
}

TEST_F(OrderedTranscriberTest, ShortRecordingsDoNotWaitForALongOneBeforeThem) {
  const harpy::testing::TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "long.wav";
  harpy::testing::write_sound(path, {.sample_rate_hz = 8000}, std::vector<float>(4'800'000));
  std::vector<Recording> recordings = numbered_recordings(400);
  recordings.insert(recordings.begin(), Recording{.id = "long", .audio = path});
  for (const bool in_order : {true, false}) {
    std::atomic<int> done = 0;
    OrderedTranscriber transcriber(
        recognizer_, recordings,
        {.sessions = 2, .readers = 2, .in_order = in_order, .on_recording_done = [&done] {
           ++done;
         }});
    std::vector<std::string> order;
    transcriber.run([&](const Recording& recording, const Transcription&) {
      if (recording.id == "long") {
        EXPECT_EQ(done, 401);
      }
      order.push_back(recording.id);
    });
    ASSERT_EQ(order.size(), recordings.size());
    EXPECT_EQ(order.front() == "long", in_order);
    EXPECT_EQ(order.back() == "long", !in_order);
  }
}

TEST_F(OrderedTranscriberTest, AlignsTheTextsOfRecordings) {
  const harpy::testing::TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "a.wav";
  std::vector<float> samples(16'000);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i] = 0.3F * std::sin(static_cast<float>(i) * 0.3F);
  }
  harpy::testing::write_sound(path, {.sample_rate_hz = 16000}, samples);
  const std::vector<Recording> recordings{{.id = "said", .audio = path, .text = "three one Two"},
                                          {.id = "textless", .audio = path, .text = " "},
                                          {.id = "too-long", .audio = path, .text = [] {
                                             std::string text;
                                             for (int i = 0; i < 90; ++i) text += "one ";
                                             return text;
                                           }()}};
  OrderedTranscriber transcriber(recognizer_, recordings,
                                 {.sessions = 3, .transcribing = {.aligns = true}});
  std::map<std::string, Transcription> results;
  transcriber.run([&](const Recording& recording, const Transcription& result) {
    results[recording.id] = result;
  });
  EXPECT_EQ(results["said"].error, "");
  EXPECT_EQ(results["said"].text(), "THREE ONE TWO");
  EXPECT_EQ(results["textless"].error, "textless: it has no text to align with its audio");
  EXPECT_EQ(results["too-long"].error, "too-long: its text does not fit its audio");
}

TEST_F(OrderedTranscriberTest, AnExceptionOfTheConsumerEndsTheRun) {
  const auto recordings = numbered_recordings(500);
  OrderedTranscriber transcriber(recognizer_, recordings, {.sessions = 8, .readers = 3});
  EXPECT_THROW(transcriber.run([](const Recording& recording, const Transcription&) {
    if (recording.id == "7") throw std::runtime_error("disk full");
  }),
               std::runtime_error);
}

}  // namespace
}  // namespace harpy::tools
