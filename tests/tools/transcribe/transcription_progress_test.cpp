#include "tools/transcribe/transcription_progress.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harpy::tools {
namespace {

using ::testing::HasSubstr;

std::string line_of(const TranscriptionState& state, std::size_t width) {
  return bar_line(state.share(), progress_text(state), width, ProgressBarOptions{}.longest_bar);
}

TEST(TranscriptionProgress, ShowsShareRateAndTimeLeft) {
  const TranscriptionState state{
      .recording_count = 4, .done_count = 1, .total_s = 1000.0, .done_s = 250.0, .elapsed_s = 2.0};
  EXPECT_EQ(line_of(state, 100),
            "[##########..............................] 25 %  1 of 4 recordings  125 x real time  "
            "0:06 left");
}

TEST(TranscriptionProgress, CountsRecordingsWhereLengthsAreUnknown) {
  EXPECT_THAT(line_of({.recording_count = 4, .done_count = 2, .done_s = 9.0, .elapsed_s = 3.0}, 79),
              HasSubstr("] 50 %  2 of 4 recordings  3 x real time  0:03 left"));
  EXPECT_THAT(line_of({.recording_count = 1, .elapsed_s = 3.0}, 79), HasSubstr("] 0 %"));
  EXPECT_THAT(
      line_of({.recording_count = 1, .total_s = 100.0, .done_s = 1.0, .elapsed_s = 60.0}, 79),
      HasSubstr("1:39:00 left"));
}

TEST(TranscriptionProgress, FitsEveryTerminal) {
  const TranscriptionState state{.recording_count = 12345,
                                 .done_count = 1234,
                                 .total_s = 1e6,
                                 .done_s = 2e6,
                                 .elapsed_s = 2.0};
  for (std::size_t width = 0; width < 200; ++width) {
    EXPECT_LE(line_of(state, width).size(), width);
  }
}

TEST(TranscriptionProgress, IsSilentOnFiles) {
  std::FILE* file = std::tmpfile();
  {
    TranscriptionProgress progress(file, 2, 10.0);
    progress.add_audio(5.0);
    progress.add_recording();
    progress.hide();
  }
  EXPECT_EQ(std::ftell(file), 0);
  std::fclose(file);
}

}  // namespace
}  // namespace harpy::tools
