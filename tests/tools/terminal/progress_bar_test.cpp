#include "tools/terminal/progress_bar.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/transcribe/ordered_transcriber.hpp"

namespace harpy::tools {
namespace {

using ::testing::HasSubstr;

TEST(ProgressBar, ShowsShareRateAndTimeLeft) {
  const ProgressState state{
      .recording_count = 4, .done_count = 1, .total_s = 1000.0, .done_s = 250.0, .elapsed_s = 2.0};
  EXPECT_EQ(progress_line(state, 100),
            "[##########..............................] 25 %  1 of 4 recordings  125 x real time  "
            "0:06 left");
}

TEST(ProgressBar, CountsRecordingsWhereLengthsAreUnknown) {
  EXPECT_THAT(
      progress_line({.recording_count = 4, .done_count = 2, .done_s = 9.0, .elapsed_s = 3.0}, 79),
      HasSubstr("] 50 %  2 of 4 recordings  3 x real time  0:03 left"));
  EXPECT_THAT(progress_line({.recording_count = 1, .elapsed_s = 3.0}, 79), HasSubstr("] 0 %"));
  EXPECT_THAT(
      progress_line({.recording_count = 1, .total_s = 100.0, .done_s = 1.0, .elapsed_s = 60.0}, 79),
      HasSubstr("1:39:00 left"));
}

TEST(ProgressBar, FitsEveryTerminal) {
  const ProgressState state{.recording_count = 12345,
                            .done_count = 1234,
                            .total_s = 1e6,
                            .done_s = 2e6,
                            .elapsed_s = 2.0};
  for (std::size_t width = 0; width < 200; ++width) {
    EXPECT_LE(progress_line(state, width).size(), width);
  }
}

TEST(ProgressBar, IsSilentOnFiles) {
  std::FILE* file = std::tmpfile();
  {
    ProgressBar bar(file, 2, 10.0);
    bar.add_audio(5.0);
    bar.add_recording();
    bar.hide();
  }
  EXPECT_EQ(std::ftell(file), 0);
  std::fclose(file);
}

std::vector<Recording> numbered_recordings(int count) {
  std::vector<Recording> recordings;
  for (int i = 0; i < count; ++i) recordings.push_back({.id = std::to_string(i)});
  return recordings;
}

TEST(OrderedTranscriber, ResultsComeInTheOrderOfTheRecordings) {
  const auto recordings = numbered_recordings(200);
  OrderedTranscriber transcriber(recordings, [](const Recording& recording) {
    Transcription result;
    result.error = "of " + recording.id;
    return result;
  });
  std::vector<std::string> order;
  transcriber.run(4, [&](const Recording& recording, const Transcription& result) {
    EXPECT_EQ(result.error, "of " + recording.id);
    order.push_back(recording.id);
  });
  ASSERT_EQ(order.size(), recordings.size());
  for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], recordings[i].id);
}

TEST(OrderedTranscriber, AnExceptionOfTheConsumerEndsTheRun) {
  const auto recordings = numbered_recordings(500);
  OrderedTranscriber transcriber(recordings, [](const Recording&) { return Transcription{}; });
  EXPECT_THROW(transcriber.run(3,
                               [](const Recording& recording, const Transcription&) {
                                 if (recording.id == "7") throw std::runtime_error("disk full");
                               }),
               std::runtime_error);
}

}  // namespace
}  // namespace harpy::tools
