// Programs of other makes, in C, Python and JavaScript, with the C library in place of Vosk's.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "frontend/audio/pcm.hpp"
#include "tests/kaldi/kaldi_golden.hpp"
#include "tests/support/run_program.hpp"
#include "tests/support/shared.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/tone_sounds.hpp"

namespace harpy {
namespace {

namespace fs = std::filesystem;
using testing::ProgramResult;
using testing::run_program;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// The texts of results, joined by blanks.
std::string text_of(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    const boost::json::value result = boost::json::parse(line);
    const auto& said = result.at("text").as_string();
    if (!text.empty() && !said.empty()) text += ' ';
    text.append(said.data(), said.size());
  }
  return text;
}

ProgramResult run_c(const fs::path& model, const fs::path& audio) {
  return run_program(HARPY_VOSK_C_CLIENT, {model.string(), audio.string()});
}

/// Runs a script of this folder with the library.
ProgramResult run_script(const std::string& interpreter, const std::string& script,
                         const fs::path& model, const fs::path& audio) {
  const fs::path path = testing::source_dir() / "tests/service/capi" / script;
  return run_program("/usr/bin/env", {interpreter, path.string(), HARPY_VOSK_LIBRARY,
                                      model.string(), audio.string()});
}

/// The tone model, and a recording of two utterances.
class VoskClients : public ::testing::Test {
 protected:
  VoskClients() {
    testing::write_tone_model(directory_.path());
    const auto bytes = encode_pcm(
        PcmCoding::kS16,
        testing::sounds(
            {{0.0, 0.5}, testing::kSoundA, {0.0, 2.0}, testing::kSoundA, testing::kSoundB}));
    std::ofstream(audio(), std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }

  const fs::path& model() const { return directory_.path(); }
  fs::path audio() const { return directory_.path() / "audio.raw"; }

  testing::TemporaryDirectory directory_;
};

TEST_F(VoskClients, AProgramInCIsToldWhatWasSaid) {
  const ProgramResult result = run_c(model(), audio());
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const std::vector<std::string> lines = lines_of(result.output);
  ASSERT_EQ(lines.size(), 2U) << result.output;
  EXPECT_EQ(text_of({lines[0]}), "AN");
  EXPECT_EQ(text_of({lines[1]}), "AND");
  const boost::json::value first = boost::json::parse(lines[0]).at("result").at(0);
  EXPECT_NEAR(first.at("start").to_number<double>(), 0.5, 0.06);
  EXPECT_NEAR(first.at("end").to_number<double>(), 0.7, 0.06);
}

TEST_F(VoskClients, PythonIsToldTheSameAsC) {
  if (std::system("python3 -c '' >/dev/null 2>&1") != 0) GTEST_SKIP() << "needs python3";
  const ProgramResult result = run_script("python3", "vosk_client.py", model(), audio());
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(result.output, run_c(model(), audio()).output);
}

TEST_F(VoskClients, ThePackageOfNpmIsToldTheSameAsC) {
  if (std::system("node --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "needs node";
  constexpr int kNoPackage = 77;
  const ProgramResult result = run_script("node", "vosk_client.js", model(), audio());
  if (result.exit_code == kNoPackage) {
    GTEST_SKIP() << "needs npm's package vosk: NODE_PATH names a folder with it";
  }
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  const std::vector<std::string> of_c = lines_of(run_c(model(), audio()).output);
  EXPECT_EQ(result.output, of_c.at(0) + "\n" + text_of({of_c.at(1)}) + "\n");
}

TEST_F(VoskClients, AModelOfKaldiSaysTheWordsOfTranscribe) {
  const fs::path golden = testing::kaldi_golden_dir();
  if (golden.empty()) GTEST_SKIP() << "needs ../shared";
  const fs::path kaldi_model = golden / "model";
  ASSERT_EQ(::setenv("XDG_CACHE_HOME", directory_.path().c_str(), 1), 0);
  const fs::path recording = golden / "golden" / (testing::kaldi_utterances()[0] + ".wav");
  const ProgramResult expected =
      testing::run_harpy({"transcribe", "--model", kaldi_model.string(), recording.string()});
  ASSERT_EQ(expected.exit_code, 0) << expected.errors;
  std::ifstream stream(recording, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  bytes.erase(0, bytes.find("data") + 8);
  std::ofstream(audio(), std::ios::binary) << bytes;
  const ProgramResult result = run_c(kaldi_model, audio());
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(text_of(lines_of(result.output)) + "\n", expected.output);
}

TEST(VoskLibrary, ShowsTheInterfaceAndNothingElse) {
  if (std::system("nm --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "needs nm";
  std::set<std::string> declared;
  std::ifstream header(testing::source_dir() / "service/capi/vosk_api.h");
  for (std::string line; std::getline(header, line);) {
    const std::size_t begin = line.find("vosk_");
    if (!line.starts_with("VOSK_API ") || begin == std::string::npos) continue;
    declared.insert(line.substr(begin, line.find('(') - begin));
  }
  EXPECT_GT(declared.size(), 35U);
  const ProgramResult result = run_program(
      "/usr/bin/env", {"nm", "--dynamic", "--defined-only", "--format=posix", HARPY_VOSK_LIBRARY});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  std::set<std::string> shown;
  for (const std::string& line : lines_of(result.output)) {
    shown.insert(line.substr(0, line.find(' ')));
  }
  EXPECT_EQ(shown, declared);
}

}  // namespace
}  // namespace harpy
