// Recordings that are uploaded to harpy serve by the official clients of the protocols, by curl,
// and in containers that only ffmpeg reads: the words are those of harpy transcribe.
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "tests/end_to_end/serve_fixture.hpp"
#include "tests/service/server/test_client.hpp"
#include "tests/support/run_program.hpp"
#include "tests/support/serve_program.hpp"

namespace harpy {
namespace {

using harpy::testing::run_harpy;
using harpy::testing::ServeProgram;
using ::testing::HasSubstr;

bool has_command(const std::string& name) {
  return std::system(("command -v " + name + " >/dev/null 2>&1").c_str()) == 0;
}

class UploadClients : public harpy::testing::ServeFixture {
 protected:
  UploadClients() {
    std::ofstream(no_recording()) << "this is no sound at all";
    program_ = std::make_unique<ServeProgram>(model(), file("log"));
    port_ = program_->port();
  }

  std::filesystem::path recording() const { return file("recording.wav"); }
  std::filesystem::path no_recording() const { return file("text.wav"); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  /// What harpy transcribe prints of the recording in a format.
  std::string transcript_in(const std::string& format) const {
    const auto result = run_harpy(
        {"transcribe", "--model", model().string(), "--format", format, recording().string()});
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    return result.output;
  }

  /// Runs a command; its output. Fails if the command does.
  std::string output_of(const std::string& command) const {
    const auto output = file("output");
    const int status = std::system(
        (command + " >'" + output.string() + "' 2>'" + file("errors").string() + "'").c_str());
    EXPECT_EQ(status, 0) << command << "\n" << text_of(file("errors")) << program_->log();
    return text_of(output);
  }
  static std::string text_of(const std::filesystem::path& path) {
    std::ifstream stream(path);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  /// What a client of npm prints.
  boost::json::value run_client(const std::string& script, const std::string& base_url) const {
    EXPECT_TRUE(runs_node(
        script, base_url + " '" + recording().string() + "' '" + no_recording().string() + "'"))
        << program_->log();
    return boost::json::parse(text_of(file("replies")));
  }

  std::unique_ptr<ServeProgram> program_;
  std::uint16_t port_ = 0;
};

TEST_F(UploadClients, OpenAisGetEveryForm) {
  if (!has_npm_packages("openai@7")) GTEST_SKIP() << "needs npm and its package openai";
  const boost::json::value result = run_client("openai_client.mjs", url() + "/v1");
  const std::string words = transcript();
  ASSERT_FALSE(words.empty());
  EXPECT_EQ(result.at("json").at("text").as_string(), words);
  EXPECT_EQ(result.at("text").as_string(), words + "\n");
  EXPECT_EQ(result.at("srt").as_string(), transcript_in("srt"));
  EXPECT_EQ(result.at("vtt").as_string(), transcript_in("vtt"));
  const boost::json::value& verbose = result.at("verbose");
  EXPECT_EQ(verbose.at("text").as_string(), words);
  EXPECT_EQ(verbose.at("duration").to_number<double>(), 3.0);
  EXPECT_FALSE(verbose.at("segments").as_array().empty());
  std::string joined;
  for (const boost::json::value& word : verbose.at("words").as_array()) {
    joined += (joined.empty() ? "" : " ") + std::string(word.at("word").as_string());
  }
  EXPECT_EQ(joined, words);
  EXPECT_EQ(result.at("stream").at("done").as_string(), words);
  std::string deltas;
  for (const boost::json::value& delta : result.at("stream").at("deltas").as_array()) {
    deltas += delta.as_string();
  }
  EXPECT_EQ(deltas, words);
  EXPECT_EQ(result.at("models").as_array().size(), 1U);
  EXPECT_EQ(result.at("model").at("object").as_string(), "model");
  const boost::json::value& faults = result.at("faults");
  EXPECT_EQ(faults.at("sound").at("status").to_number<int>(), 400);
  EXPECT_THAT(std::string(faults.at("sound").at("message").as_string()),
              HasSubstr("text.wav: is not an audio file of a known format"));
  EXPECT_EQ(faults.at("model").at("status").to_number<int>(), 404);
  EXPECT_EQ(faults.at("model").at("code").as_string(), "model_not_found");
  EXPECT_EQ(faults.at("language").at("status").to_number<int>(), 400);
  EXPECT_EQ(faults.at("translation").at("status").to_number<int>(), 400);
}

TEST_F(UploadClients, DeepgramsGetsWordsAndUtterances) {
  if (!has_npm_packages("@deepgram/sdk@5"))
    GTEST_SKIP() << "needs npm and its package @deepgram/sdk";
  const boost::json::value result = run_client("deepgram_upload_client.mjs", url());
  const boost::json::value& results = result.at("results");
  EXPECT_EQ(results.at("channels").at(0).at("alternatives").at(0).at("transcript").as_string(),
            transcript());
  EXPECT_FALSE(results.at("utterances").as_array().empty());
  EXPECT_EQ(result.at("metadata").at("duration").to_number<double>(), 3.0);
  EXPECT_EQ(result.at("faults").at("url").at("status").to_number<int>(), 400);
  EXPECT_EQ(result.at("faults").at("sound").at("status").to_number<int>(), 400);
}

TEST_F(UploadClients, CurlSendsAForm) {
  if (!has_command("curl")) GTEST_SKIP() << "needs curl";
  const std::string curl = "curl -sS -F model=whisper-1 -F file=@'" + recording().string() + "' ";
  EXPECT_EQ(output_of(curl + "-F response_format=text " + url() + "/v1/audio/transcriptions"),
            transcript() + "\n");
  EXPECT_EQ(output_of(curl + "-F response_format=srt " + url() + "/v1/audio/transcriptions"),
            transcript_in("srt"));
  EXPECT_THAT(output_of("curl -sS -H 'Content-Type: audio/wav' --data-binary @'" +
                        recording().string() + "' '" + url() + "/v1/listen?utterances=true'"),
              HasSubstr("\"transcript\": \"" + transcript() + "\""));
}

TEST_F(UploadClients, OtherContainersAreReadByFfmpegOrNamed) {
  if (!has_command("curl") || !has_command("ffmpeg")) GTEST_SKIP() << "needs curl and ffmpeg";
  const auto movie = file("tones.mkv");
  output_of("ffmpeg -nostdin -loglevel error -i '" + recording().string() + "' -c:a flac '" +
            movie.string() + "'");
  const std::string upload =
      "curl -sS -F model=whisper-1 -F response_format=text -F file=@'" + movie.string() + "' ";
  EXPECT_EQ(output_of(upload + url() + "/v1/audio/transcriptions"), transcript() + "\n");
  // Another server, which does not find ffmpeg.
  const std::string path = std::getenv("PATH");
  setenv("PATH", directory_.path().c_str(), 1);
  ServeProgram without(model(), file("log of another"));
  setenv("PATH", path.c_str(), 1);
  EXPECT_THAT(output_of(upload + "http://127.0.0.1:" + std::to_string(without.port()) +
                        "/v1/audio/transcriptions"),
              HasSubstr("tones.mkv: is a Matroska file (MKV), which is not supported"));
}

TEST_F(UploadClients, AKilledHelperIsToldToItsClientAlone) {
  testing::RawClient client(port_);
  client.send(
      "POST /v1/listen HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
      "Content-Length: 100000\r\n\r\n" +
      std::string(1000, 'x'));
  ASSERT_TRUE(program_->log_tells("session 1: opened"));
  // The helper is the one child of the server.
  const std::string server = std::to_string(program_->process());
  std::string children;
  for (int round = 0; round < 1000 && children.empty(); ++round) {
    std::ifstream("/proc/" + server + "/task/" + server + "/children") >> children;
    if (children.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ASSERT_FALSE(children.empty());
  ::kill(static_cast<pid_t>(std::stoi(children)), SIGKILL);
  EXPECT_THAT(client.read_to_end(), HasSubstr("decoding the recording was ended by signal 9"));
  EXPECT_EQ(output_of("curl -sS -F model=whisper-1 -F response_format=text -F file=@'" +
                      recording().string() + "' " + url() + "/v1/audio/transcriptions"),
            transcript() + "\n");
}

}  // namespace
}  // namespace harpy
