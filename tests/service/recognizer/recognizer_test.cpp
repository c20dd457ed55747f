#include "service/recognizer/recognizer.hpp"

#include <cmath>
#include <condition_variable>
#include <future>
#include <mutex>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "acoustic/backend/device_error.hpp"
#include "tests/service/recognizer/recorded_events.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/tiny_model.hpp"

namespace harpy {
namespace {

using harpy::testing::describe;
using harpy::testing::example_audio;
using harpy::testing::Recorder;
using harpy::testing::TemporaryDirectory;

class RecognizerWithTinyModel : public ::testing::Test {
 protected:
  static std::shared_ptr<const ModelPackage> load(double blank_skip_threshold) {
    const TemporaryDirectory directory;
    harpy::testing::write_tiny_model(directory.path());
    ModelDescription description = read_model_description(directory.path() / "model.json");
    description.blank_skip_threshold = blank_skip_threshold;
    write_model_description(directory.path() / "model.json", description);
    const auto backend = create_backend({});
    return ModelPackage::load(*backend, directory.path());
  }
  static std::shared_ptr<const ModelPackage> model() {
    static const std::shared_ptr<const ModelPackage> package = load(1.0);
    return package;
  }

  static std::vector<SessionEvent> recognize(Recognizer& recognizer,
                                             const std::vector<float>& samples,
                                             const SessionOptions& options,
                                             const std::function<std::size_t()>& next_push) {
    Recorder recorder;
    const auto session = recognizer.open(options, recorder.handler());
    for (std::size_t begin = 0; begin < samples.size();) {
      const std::size_t size = std::min(samples.size() - begin, next_push());
      while (session->push(std::span(samples).subspan(begin, size)) == PushResult::kFull) {
        recorder.wait_for_room();
      }
      begin += size;
    }
    session->finish();
    return recorder.wait_for_end();
  }
};

TEST_F(RecognizerWithTinyModel, GivesPartialsFinalsAndOneEnd) {
  Recognizer recognizer(model(), {});
  const auto events = recognize(recognizer, example_audio(16000, 6), {}, [] { return 1600; });
  ASSERT_GE(events.size(), 3U);
  EXPECT_EQ(events.back().kind, EventKind::kEnd);
  EXPECT_EQ(events[events.size() - 2].kind, EventKind::kFinal);
  std::size_t word_count = 0;
  for (const SessionEvent& event : events) {
    EXPECT_NE(event.kind, EventKind::kError) << event.error;
    word_count += event.words.size();
  }
  EXPECT_GT(word_count, 0U);
}

TEST(RecognizerWithToneModel, AWordThatMightGoOnIsShownAndSettledInThePauseBehindIt) {
  const TemporaryDirectory directory;
  harpy::testing::write_tone_model(directory.path());
  const auto backend = create_backend({});
  Recognizer recognizer(ModelPackage::load(*backend, directory.path()), {});
  Recorder recorder;
  const auto session = recognizer.open({}, recorder.handler());
  const auto push = [&](double pitch_hz, double seconds) {
    std::vector<float> samples(static_cast<std::size_t>(16000.0 * seconds));
    for (std::size_t i = 0; i < samples.size(); ++i) {
      samples[i] = static_cast<float>(
          0.3 * std::sin(2.0 * M_PI * pitch_hz * static_cast<double>(i) / 16000.0));
    }
    session->push(samples);
  };
  push(0.0, 0.5);
  push(harpy::testing::kToneA_hz, 0.2);
  push(0.0, 2.0);
  push(harpy::testing::kToneA_hz, 0.2);
  push(harpy::testing::kToneB_hz, 0.2);
  push(0.0, 6.0);  // as long as an endpoint without words would need
  session->finish();
  std::vector<std::string> finals;
  double first_shown_s = 0.0;
  for (const SessionEvent& event : recorder.wait_for_end()) {
    ASSERT_NE(event.kind, EventKind::kError) << event.error;
    if (event.kind == EventKind::kFinal) finals.push_back(event.text());
    if (first_shown_s == 0.0 && event.text() == "AN") first_shown_s = event.end_s;
  }
  EXPECT_LE(first_shown_s, 0.7 + 0.12 + 2 * 0.12);  // the pause, the grid and the front end
  EXPECT_EQ(finals, (std::vector<std::string>{"AN", "AND", ""}));
}

TEST_F(RecognizerWithTinyModel, AnyCuttingOfTheAudioGivesTheSameEvents) {
  Recognizer recognizer(model(), {.worker_count = 2});
  for (const double rate_hz : {16000.0, 8000.0, 44100.0}) {
    const std::vector<float> samples = example_audio(rate_hz, 6);
    const SessionOptions options{.sample_rate_hz = rate_hz};
    const std::string whole =
        describe(recognize(recognizer, samples, options, [&] { return samples.size(); }));
    for (unsigned seed = 0; seed < 5; ++seed) {
      std::mt19937 random(seed);
      const auto pieces = recognize(recognizer, samples, options, [&] {
        return seed == 0 ? std::size_t{1 + 97} : 1 + random() % 20000;
      });
      EXPECT_EQ(describe(pieces), whole) << rate_hz << " Hz, seed " << seed;
    }
  }
}

TEST_F(RecognizerWithTinyModel, SkippedBlanksCountForTimesAndDoNotDependOnTheCutting) {
  const std::vector<float> samples = example_audio(16000, 6);
  Recognizer searching_all(model(), {});
  const auto all = recognize(searching_all, samples, {}, [&] { return samples.size(); });
  for (const double threshold : {0.2, 1e-30}) {  // at the second, every frame is one of a run
    Recognizer recognizer(load(threshold), {});
    const auto whole = recognize(recognizer, samples, {}, [&] { return samples.size(); });
    ASSERT_GE(whole.size(), 2U);
    EXPECT_EQ(whole[whole.size() - 2].end_s, all[all.size() - 2].end_s);
    if (threshold < 1e-3) {
      EXPECT_NE(describe(whole), describe(all));
    }
    for (unsigned seed = 0; seed < 3; ++seed) {
      std::mt19937 random(seed);
      const auto pieces =
          recognize(recognizer, samples, {}, [&] { return std::size_t{1} + random() % 20000; });
      EXPECT_EQ(describe(pieces), describe(whole)) << threshold << ", seed " << seed;
    }
  }
}

TEST_F(RecognizerWithTinyModel, ManySessionsAtOnceGiveWhatEachGivesAlone) {
  for (const int sessions_at_once : {1, 5}) {
    Recognizer recognizer(model(), {.worker_count = 3, .sessions_at_once = sessions_at_once});
    const std::vector<float> samples = example_audio(16000, 6);
    const std::string alone = describe(recognize(recognizer, samples, {}, [] { return 5000; }));
    std::vector<std::unique_ptr<Recorder>> recorders;
    std::vector<std::shared_ptr<Session>> sessions;
    for (int index = 0; index < 12; ++index) {
      recorders.push_back(std::make_unique<Recorder>());
      sessions.push_back(recognizer.open({}, recorders.back()->handler()));
    }
    constexpr std::size_t kPiece = 4000;
    for (std::size_t begin = 0; begin < samples.size(); begin += kPiece) {
      for (const auto& session : sessions) {
        session->push(std::span(samples).subspan(begin, std::min(kPiece, samples.size() - begin)));
      }
    }
    for (const auto& session : sessions) session->finish();
    for (const auto& recorder : recorders) EXPECT_EQ(describe(recorder->wait_for_end()), alone);
  }
}

TEST_F(RecognizerWithTinyModel, FeaturesComputedTogetherGiveTheSameWordsHoweverTheAudioIsCut) {
  const std::vector<float> samples = example_audio(8000, 6);
  const SessionOptions options{.sample_rate_hz = 8000.0};
  const auto texts = [](const std::vector<SessionEvent>& events) {
    std::vector<std::string> all;
    for (const SessionEvent& event : events) all.push_back(event.text());
    return all;
  };
  Recognizer apart(model(), {});
  const auto expected = texts(recognize(apart, samples, options, [] { return 5000; }));
  Recognizer together(model(), {.sessions_at_once = 7, .device_features = true});
  const std::string whole =
      describe(recognize(together, samples, options, [&] { return samples.size(); }));
  std::vector<std::unique_ptr<Recorder>> recorders;
  std::vector<std::shared_ptr<Session>> sessions;
  for (unsigned seed = 0; seed < 9; ++seed) {
    recorders.push_back(std::make_unique<Recorder>());
    sessions.push_back(together.open(options, recorders.back()->handler()));
    std::mt19937 random(seed);
    for (std::size_t begin = 0; begin < samples.size();) {
      const std::size_t size = std::min<std::size_t>(samples.size() - begin, random() % 9000);
      sessions.back()->push(std::span(samples).subspan(begin, size));
      begin += size;
    }
    sessions.back()->finish();
  }
  for (const auto& recorder : recorders) {
    const auto events = recorder->wait_for_end();
    EXPECT_EQ(describe(events), whole);
    EXPECT_EQ(texts(events), expected);
  }
}

TEST_F(RecognizerWithTinyModel, AFailingSessionLeavesThoseSearchedTogetherWithItAlone) {
  Recognizer recognizer(model(), {.sessions_at_once = 4});
  const std::vector<float> samples = example_audio(16000, 6);
  const std::string alone = describe(recognize(recognizer, samples, {}, [] { return 5000; }));
  std::vector<std::unique_ptr<Recorder>> recorders;
  std::vector<std::shared_ptr<Session>> sessions;
  for (int index = 0; index < 4; ++index) {
    recorders.push_back(std::make_unique<Recorder>());
    const auto record = recorders.back()->handler();
    sessions.push_back(recognizer.open({}, [record, index](const SessionEvent& event) {
      if (index == 1 && event.kind == EventKind::kPartial) throw std::runtime_error("failed");
      record(event);
    }));
  }
  for (const auto& session : sessions) session->push(samples);
  for (const auto& session : sessions) session->finish();
  for (int index = 0; index < 4; ++index) {
    const auto events = recorders[static_cast<std::size_t>(index)]->wait_for_end();
    if (index == 1) {
      EXPECT_EQ(events.back().error, "failed");
    } else {
      EXPECT_EQ(describe(events), alone);
    }
  }
}

TEST_F(RecognizerWithTinyModel, TheCpuTakesOverWhenTheDeviceIsLost) {
  const TemporaryDirectory directory;
  harpy::testing::write_tiny_model(directory.path());
  const auto backend = create_backend({});
  const auto package = ModelPackage::load(*backend, directory.path());
  // A handler stands in for a device: what a lost one throws may come from anything that uses it.
  const std::vector<float> samples = example_audio(16000, 6);
  Recognizer undisturbed(package, {});
  const std::string expected = describe(recognize(undisturbed, samples, {}, [] { return 5000; }));
  std::vector<std::string> reasons;
  Recognizer recognizer(
      package, {.sessions_at_once = 4,
                .fallback_worker_count = 2,
                .on_device_lost = [&](const std::string& reason) { reasons.push_back(reason); }});
  Recorder begun, losing, waiting;
  const auto begun_session = recognizer.open({.progress = true}, begun.handler());
  begun_session->push(std::span(samples).first(16000));
  while (begun.count() == 0) std::this_thread::yield();
  const auto record = losing.handler();
  const auto losing_session = recognizer.open({}, [&](const SessionEvent& event) {
    if (event.kind == EventKind::kPartial) {
      throw DeviceError(DeviceErrorKind::kDeviceLost, "the device is gone");
    }
    record(event);
  });
  const auto waiting_session = recognizer.open({}, waiting.handler());
  losing_session->push(samples);
  losing_session->finish();
  EXPECT_EQ(losing.wait_for_end().back().error, "CUDA: the device is gone");
  begun_session->push(samples);
  begun_session->finish();
  EXPECT_EQ(begun.wait_for_end().back().error, "the device that the session ran on is lost");
  waiting_session->push(samples);
  waiting_session->finish();
  EXPECT_EQ(describe(waiting.wait_for_end()), expected);
  EXPECT_EQ(describe(recognize(recognizer, samples, {}, [] { return 5000; })), expected);
  EXPECT_EQ(reasons, std::vector<std::string>{"CUDA: the device is gone"});
}

TEST(RecognizerOfALostDevice, EndsSessionsWithAnErrorWhereTheCpuCannotTakeOver) {
  const TemporaryDirectory directory;
  harpy::testing::write_tiny_model(directory.path());
  const auto backend = create_backend({});
  Recognizer recognizer(ModelPackage::load(*backend, directory.path()), {});
  std::filesystem::remove(directory.path() / "acoustic.safetensors");
  Recorder losing, next;
  const auto record = losing.handler();
  const auto session = recognizer.open({}, [&](const SessionEvent& event) {
    if (event.kind != EventKind::kError) throw DeviceError(DeviceErrorKind::kDeviceLost, "gone");
    record(event);
  });
  session->push(example_audio(16000, 6));
  session->finish();
  EXPECT_EQ(losing.wait_for_end().back().error, "CUDA: gone");
  const auto refused = recognizer.open({}, next.handler());
  refused->push(example_audio(16000, 1));
  EXPECT_NE(next.wait_for_end().back().error.find("the CPU cannot take over"), std::string::npos);
}

TEST_F(RecognizerWithTinyModel, TooMuchWaitingAudioIsRefusedAndTakenLater) {
  Recognizer recognizer(model(), {.max_pending_s = 0.5});
  const std::vector<float> samples = example_audio(16000, 6);
  const auto events = recognize(recognizer, samples, {}, [] { return 7000; });
  EXPECT_EQ(events.back().kind, EventKind::kEnd);
  Recognizer roomy(model(), {});
  EXPECT_EQ(describe(events), describe(recognize(roomy, samples, {}, [] { return 7000; })));
}

TEST_F(RecognizerWithTinyModel, WaitingAudioIsBoundedInBytesTooWhateverItsSampleRate) {
  // These outlive the worker, which may look at them when the test is at its end.
  std::promise<void> began, let_go;
  std::once_flag once;
  Recognizer recognizer(model(), {.max_pending_s = 10.0, .max_pending_bytes = 64'000});
  const auto busy = recognizer.open({.progress = true}, [&](const SessionEvent&) {
    std::call_once(once, [&] {
      began.set_value();
      let_go.get_future().wait();
    });
  });
  busy->push(std::vector<float>(1600));
  began.get_future().wait();  // from now on the only worker takes nothing
  const auto session = recognizer.open({.sample_rate_hz = 192'000.0}, [](const SessionEvent&) {});
  const std::vector<float> samples(1000);
  int push_count = 0;
  while (push_count < 100 && session->push(samples) == PushResult::kAccepted) ++push_count;
  EXPECT_EQ(push_count, 16);  // of four bytes a sample
  let_go.set_value();
}

TEST_F(RecognizerWithTinyModel, NoAudioAtAllEndsWithAnEmptyFinal) {
  Recognizer recognizer(model(), {});
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{399}}) {
    const auto events = recognize(recognizer, std::vector<float>(count), {}, [] { return 1000; });
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].kind, EventKind::kFinal);
    EXPECT_TRUE(events[0].words.empty());
  }
}

TEST_F(RecognizerWithTinyModel, ACancelledSessionIsSilentAndTheOthersGoOn) {
  Recognizer recognizer(model(), {});
  Recorder cancelled;
  const auto session = recognizer.open({}, cancelled.handler());
  session->cancel();
  session->push(example_audio(16000, 1));
  session->finish();
  EXPECT_EQ(recognize(recognizer, example_audio(16000, 2), {}, [] { return 1000; }).back().kind,
            EventKind::kEnd);
  EXPECT_EQ(cancelled.count(), 0U);
}

TEST_F(RecognizerWithTinyModel, AFailingHandlerEndsItsSessionOnly) {
  Recognizer recognizer(model(), {});
  Recorder recorder;
  const auto record = recorder.handler();
  const auto session = recognizer.open({}, [&](const SessionEvent& event) {
    if (event.kind != EventKind::kError) throw std::runtime_error("handler failed");
    record(event);
  });
  session->push(example_audio(16000, 2));
  session->finish();
  EXPECT_EQ(recorder.wait_for_end().back().error, "handler failed");
  EXPECT_EQ(recognize(recognizer, example_audio(16000, 2), {}, [] { return 1000; }).back().kind,
            EventKind::kEnd);
}

TEST_F(RecognizerWithTinyModel, AHandlerThatFailsAlwaysIsNoLostDevice) {
  std::vector<std::string> reasons;
  Recognizer recognizer(
      model(), {.on_device_lost = [&](const std::string& reason) { reasons.push_back(reason); }});
  const auto session =
      recognizer.open({}, [](const SessionEvent&) { throw std::runtime_error("handler failed"); });
  session->push(example_audio(16000, 2));
  session->finish();
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(recognize(recognizer, example_audio(16000, 2), {}, [] { return 1000; }).back().kind,
              EventKind::kEnd);
  }
  EXPECT_TRUE(reasons.empty());
}

TEST_F(RecognizerWithTinyModel, ProgressCountsEverySampleBehindTheEventsOfItsAudio) {
  Recognizer recognizer(model(), {.turn_s = 0.25});
  const std::vector<float> samples = example_audio(16000, 6);
  const auto events = recognize(recognizer, samples, {.progress = true}, [] { return 3001; });
  std::int64_t worked_samples = 0;
  std::vector<SessionEvent> others;
  for (const SessionEvent& event : events) {
    if (event.kind == EventKind::kProgress) {
      EXPECT_GT(event.sample_count, worked_samples);
      EXPECT_LE(event.sample_count - worked_samples, 4000);
      worked_samples = event.sample_count;
    } else {
      if (event.kind == EventKind::kPartial) {
        EXPECT_LE(event.end_s, static_cast<double>(worked_samples + 4000) / 16000.0);
      }
      others.push_back(event);
    }
  }
  EXPECT_EQ(worked_samples, static_cast<std::int64_t>(samples.size()));
  EXPECT_EQ(describe(others),
            describe(recognize(recognizer, samples, {}, [&] { return samples.size(); })));
}

TEST_F(RecognizerWithTinyModel, ImpossibleOptionsAreRefused) {
  EXPECT_THROW(Recognizer(model(), {.worker_count = 0}), std::invalid_argument);
  EXPECT_THROW(Recognizer(model(), {.turn_s = 0.0}), std::invalid_argument);
  EXPECT_THROW(Recognizer(model(), {.sessions_at_once = -1}), std::invalid_argument);
  Recognizer recognizer(model(), {});
  EXPECT_THROW(recognizer.open({.sample_rate_hz = 100.0}, [](const SessionEvent&) {}),
               std::invalid_argument);
}

}  // namespace
}  // namespace harpy
