// The recogniser on a CUDA device.
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "service/recognizer/recognizer.hpp"
#include "tests/service/recognizer/recorded_events.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/tiny_model.hpp"

namespace harpy::testing {
namespace {

constexpr std::size_t kSessions = 9;  // more than the smallest bucket

class CudaRecognizer : public ::testing::Test {
 protected:
  void SetUp() override {
    const DeviceReport found = find_devices();
    if (found.devices.size() == 1) GTEST_SKIP() << "needs a CUDA device: " << found.cuda_obstacle;
    device_ = found.devices[1].device;
    const TemporaryDirectory directory;
    write_tiny_model(directory.path());
    model_ = ModelPackage::load(*create_backend({}), directory.path());
  }

  std::vector<float> audio_of(std::size_t session) const {
    return example_audio(16000, 1.0 + 0.1 * static_cast<double>(session));
  }

  static std::string words_of(const std::vector<SessionEvent>& events) {
    std::string words;
    for (const SessionEvent& event : events) {
      if (event.kind == EventKind::kError) words += event.error;
      if (event.kind != EventKind::kFinal) continue;
      for (const RecognizedWord& word : event.words) words += word.text + " ";
    }
    return words;
  }

  /// The words of sessions that are all open at once.
  std::vector<std::string> words_of_sessions(Recognizer& recognizer) {
    std::deque<Recorder> recorders(kSessions);
    std::vector<std::shared_ptr<Session>> sessions;
    for (std::size_t i = 0; i < kSessions; ++i) {
      sessions.push_back(recognizer.open({}, recorders[i].handler()));
      sessions.back()->push(audio_of(i));
      sessions.back()->finish();
    }
    std::vector<std::string> words;
    for (Recorder& recorder : recorders) words.push_back(words_of(recorder.wait_for_end()));
    return words;
  }

  Device device_;
  std::shared_ptr<const ModelPackage> model_;
};

TEST_F(CudaRecognizer, GivesTheCpusWordsToManySessionsAtOnce) {
  Recognizer on_cpu(model_, {}), on_device(model_, {.device = device_});
  EXPECT_EQ(words_of_sessions(on_device), words_of_sessions(on_cpu));
}

TEST_F(CudaRecognizer, GivesTheSameEventsWithAnyNumberOfThreadsAndSessionsAtOnce) {
  std::vector<std::string> expected;
  for (const int thread_count : {1, 3}) {
    // One session at a time, two halves of a batch, and two of which one is never full.
    for (const int sessions_at_once : {1, 6, 16}) {
      Recognizer recognizer(
          model_,
          {.device = device_, .worker_count = thread_count, .sessions_at_once = sessions_at_once});
      std::deque<Recorder> recorders(kSessions);
      std::vector<std::shared_ptr<Session>> sessions;
      for (std::size_t i = 0; i < kSessions; ++i) {
        sessions.push_back(recognizer.open({.confidences = i == 4}, recorders[i].handler()));
        sessions.back()->push(audio_of(i));
        sessions.back()->finish();
      }
      std::vector<std::string> events;
      for (Recorder& recorder : recorders) events.push_back(describe(recorder.wait_for_end()));
      if (expected.empty()) expected = events;
      EXPECT_EQ(events, expected) << thread_count << " threads, " << sessions_at_once << " at once";
    }
  }
}

TEST_F(CudaRecognizer, GoesOnWhenSessionsEndOnOtherThreadsInTheMidstOfTheirWork) {
  std::deque<Recorder> recorders(kSessions);  // outlive the work for sessions that are cancelled
  Recognizer on_cpu(model_, {}), on_device(model_, {.device = device_});
  std::thread other([&] {
    for (Recorder& recorder : recorders) {
      const auto session = on_device.open({.progress = true}, recorder.handler());
      session->push(audio_of(0));
      while (recorder.count() == 0) std::this_thread::yield();
      session->cancel();
    }
  });
  const std::vector<std::string> words = words_of_sessions(on_device);
  other.join();
  EXPECT_EQ(words, words_of_sessions(on_cpu));
}

}  // namespace
}  // namespace harpy::testing
