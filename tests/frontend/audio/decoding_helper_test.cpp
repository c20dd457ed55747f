#include "frontend/audio/decoding_helper.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <thread>

#include "frontend/audio/audio_file.hpp"
#include "frontend/audio/helper_process.hpp"
#include "frontend/audio/limited_process.hpp"
#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::read_bytes;
using testing::write_sound;

/// What a helper made of a recording.
struct HelperOutcome {
  int end = 0;  ///< exit code, or minus the signal
  HelperHeader header = {};
  std::vector<float> samples;
  std::string errors;
};

void let_block(const FileDescriptor& descriptor) { fcntl(descriptor.number(), F_SETFL, 0); }

std::string read_to_end(const FileDescriptor& descriptor) {
  let_block(descriptor);
  std::string bytes;
  std::array<char, 4096> piece{};
  for (ssize_t got = 1; got > 0;) {
    got = read(descriptor.number(), piece.data(), piece.size());
    if (got > 0) bytes.append(piece.data(), static_cast<std::size_t>(got));
  }
  return bytes;
}

class DecodingHelpers : public ::testing::Test {
 protected:
  DecodingHelpers() { std::signal(SIGPIPE, SIG_IGN); }

  static HelperProcess start(const DecodingRequest& request, const FileDescriptor& spool) {
    std::vector<std::string> command = helper_arguments(request);
    command.insert(command.begin(), HARPY_DECODING_HELPER);
    return start_helper(command, spool);
  }

  static HelperOutcome run(const DecodingRequest& request, const std::string& recording,
                           const FileDescriptor& spool = open_nameless_file()) {
    HelperProcess helper = start(request, spool);
    let_block(helper.input);
    std::thread writer([&] {
      for (std::string_view rest = recording; !rest.empty();) {
        const ssize_t written = write(helper.input.number(), rest.data(), rest.size());
        if (written < 0) break;
        rest.remove_prefix(static_cast<std::size_t>(written));
      }
      const FileDescriptor closed(helper.input.release());
    });
    const std::string output = read_to_end(helper.output);
    writer.join();
    HelperOutcome outcome{.errors = read_to_end(helper.errors)};
    int status = 0;
    waitpid(helper.id, &status, 0);
    outcome.end = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    if (output.size() < sizeof(HelperHeader)) return outcome;
    std::memcpy(&outcome.header, output.data(), sizeof(HelperHeader));
    outcome.samples.resize((output.size() - sizeof(HelperHeader)) / sizeof(float));
    std::memcpy(outcome.samples.data(), output.data() + sizeof(HelperHeader),
                outcome.samples.size() * sizeof(float));
    return outcome;
  }

  /// The bytes of an audio file.
  std::string sound(const testing::SoundFormat& format, std::span<const float> samples) const {
    write_sound(path_, format, samples);
    return read_bytes(path_);
  }

  testing::TemporaryDirectory directory_;
  const std::filesystem::path path_ = directory_.path() / "sound";
};

TEST_F(DecodingHelpers, GiveTheSamplesOfTheFile) {
  std::vector<float> samples(200'000);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i] = static_cast<float>(i % 1000) / 1024.0F;
  }
  for (const int code : {SF_FORMAT_WAV | SF_FORMAT_PCM_16, SF_FORMAT_FLAC | SF_FORMAT_PCM_24,
                         SF_FORMAT_OGG | SF_FORMAT_VORBIS, SF_FORMAT_AIFF | SF_FORMAT_FLOAT}) {
    const std::string bytes =
        sound({.code = code, .sample_rate_hz = 22050, .channel_count = 2}, samples);
    const HelperOutcome outcome = run({}, bytes);
    EXPECT_EQ(outcome.end, 0) << outcome.errors;
    EXPECT_EQ(outcome.errors, "");
    EXPECT_EQ(outcome.header.sample_rate_hz, 22050);
    AudioFile file(path_);
    MonoReader reader(file);
    std::vector<float> expected;
    for (auto piece = reader.read(); !piece.empty(); piece = reader.read()) {
      expected.insert(expected.end(), piece.begin(), piece.end());
    }
    EXPECT_EQ(outcome.samples, expected) << code;
  }
}

TEST_F(DecodingHelpers, GiveTheChannelsOneForOne) {
  std::vector<float> samples(3 * 40'000);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i] = static_cast<float>(i % 1000) / 1024.0F;
  }
  const std::string bytes =
      sound({.code = SF_FORMAT_WAV | SF_FORMAT_FLOAT, .sample_rate_hz = 8000, .channel_count = 3},
            samples);
  const HelperOutcome separate = run({.separate_channels = true}, bytes);
  EXPECT_EQ(separate.end, 0) << separate.errors;
  EXPECT_EQ(separate.header.sample_rate_hz, 8000);
  EXPECT_EQ(separate.header.channel_count, 3);
  EXPECT_EQ(separate.samples, samples);
  EXPECT_EQ(run({}, bytes).header.channel_count, 1);
}

TEST_F(DecodingHelpers, SayWhatIsWrongWithAFile) {
  const HelperOutcome garbage = run({.name = "a.wav"}, "this is no sound at all");
  EXPECT_EQ(garbage.end, static_cast<int>(HelperExit::kBadAudio));
  EXPECT_EQ(garbage.errors, "a.wav: is not an audio file of a known format\n");
  const HelperOutcome empty = run({}, "");
  EXPECT_EQ(empty.end, static_cast<int>(HelperExit::kBadAudio));
  EXPECT_EQ(empty.errors, "the recording: is empty\n");
}

TEST_F(DecodingHelpers, GoOnWithAWarning) {
  const std::string whole = sound({}, std::vector<float>(1000, 0.25F));
  const HelperOutcome outcome = run({.name = "a.wav"}, whole.substr(0, whole.size() - 400));
  EXPECT_EQ(outcome.end, 0);
  EXPECT_EQ(outcome.samples.size(), 800U);
  EXPECT_THAT(outcome.errors, HasSubstr("is cut off"));
}

TEST_F(DecodingHelpers, NameWhatOnlyFfmpegReads) {
  const HelperOutcome outcome =
      run({.name = "a.m4a"}, std::string("\0\0\0\x20", 4) + "ftypM4A " + std::string(100, '\0'));
  EXPECT_EQ(outcome.end, static_cast<int>(HelperExit::kOnlyFfmpeg));
  EXPECT_THAT(outcome.errors, HasSubstr("a.m4a: is an M4A file"));
}

TEST_F(DecodingHelpers, DecodeWithFfmpegWhatIsKeptAlready) {
  if (!find_program("ffmpeg")) GTEST_SKIP() << "needs ffmpeg";
  const std::vector<float> samples(16000, 0.25F);
  write_sound(path_, {}, samples);
  const auto movie = directory_.path() / "a.mkv";
  ASSERT_EQ(
      std::system(
          ("ffmpeg -nostdin -loglevel error -i " + path_.string() + " " + movie.string()).c_str()),
      0);
  const FileDescriptor spool = open_nameless_file();
  const HelperOutcome first = run({}, read_bytes(movie), spool);
  EXPECT_EQ(first.end, static_cast<int>(HelperExit::kOnlyFfmpeg));
  const HelperOutcome second = run({.with_ffmpeg = true}, "", spool);
  EXPECT_EQ(second.end, 0) << second.errors;
  EXPECT_EQ(second.header.sample_rate_hz, 16000);
  EXPECT_NEAR(static_cast<double>(second.samples.size()), 16000.0, 1000.0);
}

TEST_F(DecodingHelpers, ReadSamplesWithoutAHeader) {
  const std::vector<float> samples{0.5F, 0.25F, -1.0F, 0.0F};
  const std::vector<std::byte> coded = encode_pcm(PcmCoding::kS16, samples);
  const HelperOutcome outcome = run({.raw = PcmFormat{.sample_rate_hz = 8000, .channel_count = 2}},
                                    {reinterpret_cast<const char*>(coded.data()), coded.size()});
  EXPECT_EQ(outcome.end, 0) << outcome.errors;
  EXPECT_EQ(outcome.header.sample_rate_hz, 8000);
  EXPECT_EQ(outcome.samples, (std::vector<float>{0.375F, -0.5F}));
}

TEST_F(DecodingHelpers, KeepOnlySoMuch) {
  const HelperOutcome outcome = run({.most_bytes = 100'000}, std::string(300'000, 'x'));
  EXPECT_EQ(outcome.end, static_cast<int>(HelperExit::kNoRoom));
  EXPECT_THAT(outcome.errors, EndsWith("File too large\n"));
}

TEST_F(DecodingHelpers, SayThatTheDiskIsFull) {
  const HelperOutcome outcome =
      run({}, std::string(300'000, 'x'), FileDescriptor(open("/dev/full", O_RDWR)));
  EXPECT_EQ(outcome.end, static_cast<int>(HelperExit::kNoRoom));
  EXPECT_EQ(outcome.errors, "the recording cannot be kept: No space left on device\n");
}

TEST_F(DecodingHelpers, EndWhenTheyAreKilled) {
  const FileDescriptor spool = open_nameless_file();
  const HelperProcess helper = start({}, spool);
  kill(helper.id, SIGKILL);
  EXPECT_EQ(read_to_end(helper.output), "");
  int status = 0;
  waitpid(helper.id, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
}

TEST_F(DecodingHelpers, AreForNothingElse) {
  const FileDescriptor spool = open_nameless_file();
  const HelperProcess helper = start_helper({HARPY_DECODING_HELPER}, spool);
  EXPECT_EQ(read_to_end(helper.errors), "this program is for the use of harpy serve\n");
  int status = 0;
  waitpid(helper.id, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), static_cast<int>(HelperExit::kWrongUsage));
}

TEST_F(DecodingHelpers, ThatCannotBeStartedAreAnError) {
  EXPECT_THROW(start_helper({"/nothing"}, open_nameless_file()), std::system_error);
}

}  // namespace
}  // namespace harpy
