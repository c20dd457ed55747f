// The program as a user meets it: exit codes and one clear line for everything that is wrong.
#include <algorithm>
#include <cmath>
#include <fstream>

#include <sndfile.h>

#include "tests/support/run_program.hpp"
#include "tests/support/tiny_model.hpp"

namespace harpy {
namespace {

using harpy::testing::ProgramResult;
using harpy::testing::run_harpy;
using ::testing::HasSubstr;

class CommandLine : public ::testing::Test {
 protected:
  CommandLine() {
    std::filesystem::create_directory(model());
    harpy::testing::write_tiny_model(model());
  }

  std::filesystem::path model() const { return directory_.path() / "model"; }
  std::filesystem::path file(const std::string& name) const { return directory_.path() / name; }

  std::filesystem::path write_recording(const std::string& name, int rate_hz = 16000,
                                        int channels = 1) const {
    SF_INFO info{};
    info.samplerate = rate_hz;
    info.channels = channels;
    info.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
    SNDFILE* sound = sf_open(file(name).c_str(), SFM_WRITE, &info);
    std::vector<short> samples(static_cast<std::size_t>(rate_hz * channels));
    for (std::size_t index = 0; index < samples.size(); ++index) {
      samples[index] = static_cast<short>(8000.0 * std::sin(0.05 * static_cast<double>(index)));
    }
    sf_write_short(sound, samples.data(), static_cast<sf_count_t>(samples.size()));
    sf_close(sound);
    return file(name);
  }

  ProgramResult transcribe(const std::filesystem::path& recording) const {
    return run_harpy({"transcribe", "--model", model().string(), recording.string()});
  }

  /// Fails with exit code 1 and one line that holds `text`.
  static void expect_one_error(const ProgramResult& result, const std::string& text) {
    EXPECT_EQ(result.exit_code, 1) << result.errors;
    EXPECT_THAT(result.errors, HasSubstr(text));
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
    EXPECT_EQ(result.output, "");
  }

  harpy::testing::TemporaryDirectory directory_;
};

TEST_F(CommandLine, HelpAndVersionSucceedAndWrongUsageIsCodeTwo) {
  EXPECT_EQ(run_harpy({"--version"}).exit_code, 0);
  EXPECT_THAT(run_harpy({"--version"}).output, HasSubstr("harpy " HARPY_VERSION));
  EXPECT_THAT(run_harpy({"transcribe", "--help"}).output, HasSubstr("--model"));
  EXPECT_EQ(run_harpy({}).exit_code, 2);
  EXPECT_EQ(run_harpy({"sing"}).exit_code, 2);
  EXPECT_EQ(run_harpy({"transcribe", "--jobs", "-3", "--model", "x", "y"}).exit_code, 2);
}

TEST_F(CommandLine, ARecordingOfAnyRateAndChannelsIsTranscribed) {
  for (const auto& [rate_hz, channels] : {std::pair{16000, 1}, {8000, 1}, {48000, 2}}) {
    const ProgramResult result = transcribe(write_recording("good.wav", rate_hz, channels));
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    EXPECT_EQ(std::count(result.output.begin(), result.output.end(), '\n'), 1);
  }
}

TEST_F(CommandLine, ATruncatedWavIsOneError) {
  const auto recording = write_recording("cut.wav");
  std::filesystem::resize_file(recording, 20000);
  expect_one_error(transcribe(recording), "cut.wav");
}

TEST_F(CommandLine, AnEmptyFileIsOneError) {
  std::ofstream(file("empty.wav")) << "";
  expect_one_error(transcribe(file("empty.wav")), "empty.wav");
}

TEST_F(CommandLine, ATextFileNamedWavIsOneError) {
  std::ofstream(file("letter.wav"))
      << "Dear reader, this is not a recording at all, whatever its name says.\n";
  expect_one_error(transcribe(file("letter.wav")), "letter.wav");
}

TEST_F(CommandLine, AMissingRecordingAndAMissingModelAreOneError) {
  expect_one_error(transcribe(file("absent.wav")), "absent.wav");
  const auto recording = write_recording("good.wav");
  expect_one_error(
      run_harpy({"transcribe", "--model", file("no-model").string(), recording.string()}),
      "no-model/model.json: cannot be opened");
  expect_one_error(run_harpy({"transcribe", "--model", model().string()}), "nothing to transcribe");
}

TEST_F(CommandLine, OneBadRecordingDoesNotStopTheOthers) {
  std::ofstream(file("empty.wav")) << "";
  const ProgramResult result =
      run_harpy({"transcribe", "--model", model().string(), write_recording("first.wav").string(),
                 file("empty.wav").string(), write_recording("last.wav").string()});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("first.wav\t"));
  EXPECT_THAT(result.output, HasSubstr("last.wav\t"));
  EXPECT_THAT(result.errors, HasSubstr("empty.wav"));
  EXPECT_THAT(result.errors, HasSubstr("1 of 3 recordings could not be transcribed"));
}

TEST_F(CommandLine, ScoreComparesWhatTranscribeWrote) {
  std::ofstream(file("reference"))
      << "{\"id\": \"a\", \"text\": \"ONE TWO\"}\n{\"id\": \"b\", \"text\": \"TWO\"}\n";
  std::ofstream(file("hypothesis")) << "a ONE THREE\nb TWO\n";
  const ProgramResult result =
      run_harpy({"score", file("reference").string(), file("hypothesis").string()});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, HasSubstr("total WER 33.33 % (1 errors in 3: 1 sub, 0 del, 0 ins)"));
  std::ofstream(file("hypothesis")) << "c ONE\n";
  expect_one_error(run_harpy({"score", file("reference").string(), file("hypothesis").string()}),
                   "the utterance \"c\" is not in");
}

}  // namespace
}  // namespace harpy
