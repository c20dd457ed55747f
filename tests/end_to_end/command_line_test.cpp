// The program as a user meets it: exit codes and one clear line for everything that is wrong.
#include <algorithm>
#include <cmath>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sndfile.h>

#include "tests/support/run_program.hpp"
#include "tests/support/tiny_model.hpp"

namespace harpy {
namespace {

using harpy::testing::ProgramResult;
using harpy::testing::run_harpy;
using ::testing::HasSubstr;
using ::testing::StartsWith;

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

TEST_F(CommandLine, APrecisionIsOneOfThoseNamed) {
  const std::string recording = write_recording("good.wav").string();
  const auto transcribed = [&](const std::string& precision) {
    return run_harpy(
        {"transcribe", "--model", model().string(), "--precision", precision, recording});
  };
  EXPECT_EQ(transcribed("fp32").output, transcribe(recording).output);
  const ProgramResult rounded = transcribed("bf16");
  EXPECT_EQ(rounded.exit_code, 0) << rounded.errors;
  EXPECT_EQ(std::count(rounded.output.begin(), rounded.output.end(), '\n'), 1) << rounded.output;
  for (const char* command : {"transcribe", "serve", "train"}) {
    const ProgramResult refused = run_harpy({command, "--precision", "fp16"});
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.errors, HasSubstr("fp32"));
  }
}

TEST_F(CommandLine, ATruncatedWavIsReadWithOneWarning) {
  const auto recording = write_recording("cut.wav");
  std::filesystem::resize_file(recording, 20000);
  const ProgramResult result = transcribe(recording);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.errors, StartsWith("harpy: warning: " + recording.string() + ": is cut off"));
  EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
}

TEST_F(CommandLine, AWavThatEndsBeforeItsSamplesIsOneError) {
  const auto recording = write_recording("cut.wav");
  std::filesystem::resize_file(recording, 44);
  expect_one_error(transcribe(recording), "cut.wav: is truncated");
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

TEST_F(CommandLine, FailuresAreListedAtTheEnd) {
  std::ofstream(file("empty.wav")) << "";
  const ProgramResult result = run_harpy({"transcribe", "--model", model().string(),
                                          file("empty.wav").string(), file("absent.wav").string()});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.output, "");
  EXPECT_EQ(result.errors, "harpy: error: " + file("empty.wav").string() +
                               ": is empty\nharpy: error: " + file("absent.wav").string() +
                               ": no such file\n"
                               "harpy: error: 2 of 2 recordings could not be transcribed\n");
}

TEST_F(CommandLine, AFolderOfOutputsHasEveryFormat) {
  std::filesystem::create_directories(file("in/deeper"));
  write_recording("in/a.wav");
  write_recording("in/deeper/b.wav", 8000, 2);
  const ProgramResult result =
      run_harpy({"transcribe", "--model", model().string(), "--format", "text,json,jsonl",
                 "--format", "srt,vtt,ctm", "--output", file("out").string(), file("in").string()});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(result.output + result.errors, "");
  for (const char* ending : {"txt", "json", "jsonl", "srt", "vtt", "ctm"}) {
    EXPECT_TRUE(std::filesystem::exists(file("out/a." + std::string(ending)))) << ending;
    EXPECT_TRUE(std::filesystem::exists(file("out/deeper/b." + std::string(ending)))) << ending;
  }
}

TEST_F(CommandLine, WhatOneStreamCannotHoldIsWrongUsage) {
  const std::string recording = write_recording("good.wav").string();
  const auto exit_code = [&](const std::string& format, const std::string& other) {
    const ProgramResult result = run_harpy(
        {"transcribe", "--model", model().string(), "--format", format, recording, other});
    EXPECT_THAT(result.errors, HasSubstr("--output FOLDER"));
    return result.exit_code;
  };
  EXPECT_EQ(exit_code("text,srt", "-"), 2);
  EXPECT_EQ(exit_code("vtt", recording), 2);
  EXPECT_EQ(run_harpy({"transcribe", "--model", "m", "--format", "doc", recording}).exit_code, 2);
  EXPECT_EQ(run_harpy({"transcribe", "--model", "m", "--channel", "9", recording}).exit_code, 2);
  EXPECT_EQ(run_harpy({"transcribe", "--model", "m", "--rate", "8000", recording}).exit_code, 2);
}

TEST_F(CommandLine, EachChannelIsARecording) {
  const std::string recording = write_recording("good.wav", 8000, 2).string();
  const auto transcribe_channel = [&](const std::string& channel) {
    return run_harpy({"transcribe", "--model", model().string(), "--format", "jsonl", "--channel",
                      channel, recording});
  };
  const ProgramResult each = transcribe_channel("each");
  EXPECT_THAT(each.output, HasSubstr("good.wav-1"));
  EXPECT_THAT(each.output, HasSubstr("good.wav-2"));
  EXPECT_THAT(transcribe_channel("2").output, HasSubstr("\"channel\": 2"));
  expect_one_error(transcribe_channel("3"), "good.wav: has 2 channels, but channel 3 is");
}

TEST_F(CommandLine, StandardInputIsReadAsAFileIs) {
  const auto recording = write_recording("good.wav");
  std::ifstream stream(recording, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(stream), {});
  std::ofstream(file("good.raw"), std::ios::binary) << bytes.substr(44);

  const std::string expected = transcribe(recording).output;
  const std::vector<std::string> arguments{"transcribe", "--model", model().string(), "-"};
  EXPECT_EQ(run_harpy(arguments, recording).output, expected);
  std::vector<std::string> raw = arguments;
  raw.insert(raw.end(), {"--raw", "s16", "--rate", "16000"});
  EXPECT_EQ(run_harpy(raw, file("good.raw")).output, expected);
  raw.insert(raw.end(), {"--channel", "each"});
  EXPECT_EQ(run_harpy(raw, file("good.raw")).output, expected);
  expect_one_error(run_harpy(arguments), "standard input: is empty");
  std::ofstream(file("letter")) << "Dear reader, this is not a recording at all.\n";
  expect_one_error(run_harpy(arguments, file("letter")), "standard input: is not an audio file");
}

TEST_F(CommandLine, AConfigurationFileSetsWhatTheCommandLineDoesNot) {
  const std::string recording = write_recording("good.wav").string();
  std::ofstream(file("harpy.ini")) << "# settings\n[transcribe]\nmodel = \"" << model().string()
                                   << "\"\nformat = [jsonl]\nwhole = true\n"
                                   << "[serve]\nmodel = \"elsewhere\"\nport = 2701\n";
  const std::string config = file("harpy.ini").string();
  for (const auto& arguments :
       {std::vector<std::string>{"--config", config, "transcribe", recording},
        std::vector<std::string>{"transcribe", recording, "--config", config}}) {
    const ProgramResult result = run_harpy(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    EXPECT_THAT(result.output, HasSubstr("\"duration_s\": 1,"));
  }
  EXPECT_THAT(run_harpy({"transcribe", recording, "--config", config, "--format", "text"}).output,
              ::testing::Not(HasSubstr("duration_s")));

  std::ofstream(file("harpy.ini")) << "[transcribe]\nmodell = \"x\"\n";
  const ProgramResult unknown = run_harpy({"transcribe", recording, "--config", config});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.errors, HasSubstr("transcribe.modell"));
  EXPECT_EQ(run_harpy({"transcribe", recording, "--config", "absent.ini"}).exit_code, 2);
}

TEST_F(CommandLine, TheModelOfTheEnvironmentGoesBeforeThatOfTheConfigurationFile) {
  const std::string recording = write_recording("good.wav").string();
  std::ofstream(file("harpy.ini")) << "[transcribe]\nmodel = \"absent-model\"\n";
  const std::vector<std::string> arguments{"--config", file("harpy.ini").string(), "transcribe",
                                           recording};
  expect_one_error(run_harpy(arguments), "absent-model");
  setenv("HARPY_MODEL", model().c_str(), 1);
  EXPECT_EQ(run_harpy(arguments).exit_code, 0);
  std::vector<std::string> named = arguments;
  named.insert(named.end(), {"--model", "named-model"});
  expect_one_error(run_harpy(named), "named-model");
  unsetenv("HARPY_MODEL");
}

TEST_F(CommandLine, AnInstalledProgramFindsTheModelInstalledWithIt) {
  namespace fs = std::filesystem;
  const fs::path program = file("prefix/bin/harpy");
  const fs::path installed = file("prefix/share/harpy/models/en-small");
  fs::create_directories(program.parent_path());
  fs::create_directories(installed.parent_path());
  fs::copy_file(HARPY_PROGRAM, program);
  fs::copy(model(), installed);
  const fs::path recording = write_recording("good.wav");
  const ProgramResult result =
      harpy::testing::run_program(program, {"transcribe", "--format", "json", recording.string()});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("\"name\": \"tiny\""));
  EXPECT_EQ(result.errors, "") << "only a terminal is told which model was taken";
}

TEST_F(CommandLine, PrintsItsCompletionsAndItsManual) {
  EXPECT_THAT(run_harpy({"man"}).output, ::testing::StartsWith(".TH HARPY 1"));
  EXPECT_THAT(run_harpy({"completion", "bash"}).output, HasSubstr("complete -o default"));
  EXPECT_THAT(run_harpy({"completion", "zsh"}).output, ::testing::StartsWith("#compdef harpy"));
  EXPECT_THAT(run_harpy({"completion", "fish"}).output, HasSubstr("complete -c harpy"));
  EXPECT_EQ(run_harpy({"completion", "csh"}).exit_code, 2);
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
