// Recordings in the bodies of HTTP requests, over a port: the whole way with the helper process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <boost/json.hpp>

#include "tests/service/server/server_fixture.hpp"
#include "tests/service/server/tls_client.hpp"

namespace harpy::testing {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string little_endian(std::uint32_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> 8 * i & 0xff);
  return text;
}

/// A WAV file; samples of several channels are interleaved.
std::string wav_file(const std::vector<std::int16_t>& samples, int channel_count = 1) {
  const auto size = static_cast<std::uint32_t>(2 * samples.size());
  const auto channels = static_cast<std::uint32_t>(channel_count);
  return "RIFF" + little_endian(36 + size, 4) + "WAVEfmt " + little_endian(16, 4) +
         little_endian(1, 2) + little_endian(channels, 2) + little_endian(kRateHz, 4) +
         little_endian(2 * channels * kRateHz, 4) + little_endian(2 * channels, 2) +
         little_endian(16, 2) + "data" + little_endian(size, 4) +
         std::string(reinterpret_cast<const char*>(samples.data()), size);
}

std::string form_part(const std::string& disposition, const std::string& content) {
  return "--bound\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + content +
         "\r\n";
}

/// The body of a transcription for OpenAI's interface.
std::string form(const std::string& recording, const std::string& further = "") {
  return form_part("name=\"model\"", "whisper-1") + further +
         form_part("name=\"file\"; filename=\"a.wav\"", recording) + "--bound--\r\n";
}

/// A field of a form that stands before the recording.
std::string field(const std::string& name, const std::string& value) {
  return form_part("name=\"" + name + "\"", value);
}

/// A request that sends a form, with or without an end of the connection behind its answer.
std::string post(const std::string& body, const std::string& fields = "Connection: close\r\n",
                 const std::string& path = "/v1/audio/transcriptions") {
  return "POST " + path +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=bound\r\n" +
         "Content-Length: " + std::to_string(body.size()) + "\r\n" + fields + "\r\n" + body;
}

/// A request in Deepgram's form, with the end of the connection behind its answer.
std::string listen(const std::string& query, const std::string& recording) {
  return "POST /v1/listen?" + query +
         " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: audio/wav\r\n"
         "Content-Length: " +
         std::to_string(recording.size()) + "\r\n\r\n" + recording;
}

std::string body_of(const std::string& response) {
  return response.substr(response.find("\r\n\r\n") + 4);
}

boost::json::value json_of(const std::string& response) {
  return boost::json::parse(body_of(response));
}

/// An AU file of one channel, as ffmpeg is asked for.
std::string au_file(const std::vector<std::int16_t>& samples) {
  const auto big_endian = [](std::uint32_t value, int bytes) {
    const std::string text = little_endian(value, bytes);
    return std::string(text.rbegin(), text.rend());
  };
  std::string file = ".snd";
  for (const std::uint32_t field :
       {24U, 0xFFFFFFFFU, 3U, static_cast<std::uint32_t>(kRateHz), 1U}) {
    file += big_endian(field, 4);
  }
  for (const std::int16_t sample : samples)
    file += big_endian(static_cast<std::uint16_t>(sample), 2);
  return file;
}

class UploadTest : public ServerTest {
 protected:
  UploadTest() {
    options().decoding_program = HARPY_DECODING_HELPER;
    std::signal(SIGPIPE, SIG_IGN);  // as harpy serve does
  }

  std::string transcript() const { return recognized_text(samples_, kRateHz); }

  /// Lets a script stand in for the program that decodes.
  void decode_with(const std::string& script) {
    const auto program = directory_.path() / "decoder";
    std::ofstream(program) << "#!/bin/sh\n" + script;
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    options().decoding_program = program.string();
  }

  const TemporaryDirectory directory_;
  const std::vector<std::int16_t> samples_ = example_audio(kRateHz, 12.0);
  const std::string recording_ = wav_file(samples_);
};

TEST_F(UploadTest, ARecordingIsTranscribed) {
  start();
  const std::string response = request(post(form(recording_)));
  EXPECT_THAT(response, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(response, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_FALSE(transcript().empty());
  EXPECT_EQ(json_of(response).at("text").as_string(), transcript());
  EXPECT_EQ(json_of(response).at("usage").at("seconds").as_int64(), 12);
  EXPECT_THAT(get_of(admin_port(), "/metrics"),
              AllOf(HasSubstr("\nasr_sessions_active{protocol=\"http\"} 0\n"),
                    HasSubstr(R"(asr_sessions_total{protocol="http",outcome="completed"} 1)"),
                    HasSubstr("_count{method=\"POST\",route=\"/v1/audio/transcriptions\","
                              "code=\"200\"} 1\n")));
}

TEST_F(UploadTest, ItMayComeInChunksAndPieces) {
  start();
  const std::string body = form(recording_);
  RawClient client(port());
  client.send(
      "POST /v1/audio/transcriptions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
      "Content-Type: multipart/form-data; boundary=bound\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (std::size_t begin = 0; begin < body.size(); begin += 7001) {
    const std::string piece = body.substr(begin, 7001);
    std::ostringstream chunk;
    chunk << std::hex << piece.size() << "\r\n" << piece << "\r\n";
    client.send(chunk.str());
  }
  client.send("0\r\n\r\n");
  EXPECT_EQ(json_of(client.read_to_end()).at("text").as_string(), transcript());
}

TEST_F(UploadTest, AStreamedAnswerIsOfServerSentEvents) {
  start();
  const std::string response = request(post(form(recording_, field("stream", "true"))));
  EXPECT_THAT(response, HasSubstr("Content-Type: text/event-stream\r\n"));
  EXPECT_THAT(response, HasSubstr("Transfer-Encoding: chunked\r\n"));
  std::string text;
  std::istringstream lines(response);
  int delta_count = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("data: {\"type\": \"transcript.text.delta\"")) continue;
    text += boost::json::parse(line.substr(6)).at("delta").as_string();
    ++delta_count;
  }
  EXPECT_EQ(text, transcript());
  EXPECT_GT(delta_count, 0);
  EXPECT_THAT(response, HasSubstr("data: [DONE]\n\n"));
  EXPECT_THAT(response, EndsWith("\r\n0\r\n\r\n"));
}

TEST_F(UploadTest, ToAnOldClientAStreamEndsWithTheConnection) {
  start();
  std::string old = post(form(recording_, field("stream", "true")), "");
  old.replace(old.find("HTTP/1.1"), 8, "HTTP/1.0");
  const std::string response = request(old);
  EXPECT_THAT(response, Not(HasSubstr("chunked")));
  EXPECT_THAT(response, EndsWith("data: [DONE]\n\n"));
}

TEST_F(UploadTest, DeepgramsFormIsTakenToo) {
  start();
  const std::string response = request(listen("utterances=true", recording_));
  EXPECT_THAT(response, StartsWith("HTTP/1.1 200 OK\r\n"));
  const boost::json::value results = json_of(response).at("results");
  EXPECT_EQ(results.at("channels").at(0).at("alternatives").at(0).at("transcript").as_string(),
            transcript());
  EXPECT_FALSE(results.at("utterances").as_array().empty());
}

/// Two channels in which something else is said.
class TwoChannels : public UploadTest {
 protected:
  TwoChannels() {
    std::vector<std::int16_t> frames;
    for (std::size_t place = 0; place < samples_.size(); ++place) {
      frames.push_back(samples_[place]);
      frames.push_back(other_[place]);
    }
    stereo_ = wav_file(frames, 2);
  }

  const std::vector<std::int16_t> other_ = example_audio(kRateHz, 12.0, 6);
  std::string stereo_;
};

TEST_F(TwoChannels, AreTranscribedEachForItself) {
  start();
  const std::string response = request(listen("multichannel=true", stereo_));
  EXPECT_THAT(response, StartsWith("HTTP/1.1 200 OK\r\n"));
  const boost::json::value answer = json_of(response);
  EXPECT_EQ(answer.at("metadata").at("channels"), 2);
  EXPECT_EQ(answer.at("metadata").at("duration"), 12);
  const auto text_of = [&](std::size_t channel) {
    const boost::json::value& item = answer.at("results").at("channels").at(channel);
    return std::string(item.at("alternatives").at(0).at("transcript").as_string());
  };
  EXPECT_EQ(text_of(0), transcript());
  EXPECT_EQ(text_of(1), recognized_text(other_, kRateHz));
  EXPECT_NE(text_of(0), text_of(1));
  EXPECT_THAT(get_of(admin_port(), "/metrics"),
              HasSubstr(R"(asr_sessions_total{protocol="http",outcome="completed"} 2)"));
}

TEST_F(TwoChannels, NeedTwoSessions) {
  start({.max_sessions = 1});
  const std::string refused = request(listen("multichannel=true", stereo_));
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(refused, HasSubstr("\r\nRetry-After: "));
  EXPECT_THAT(refused, HasSubstr("all sessions are in use"));
  EXPECT_THAT(request(listen("", stereo_)), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(get_of(admin_port(), "/metrics"),
              AllOf(HasSubstr("\nasr_sessions_active{protocol=\"http\"} 0\n"),
                    HasSubstr("\nasr_sessions_rejected_total{reason=\"capacity\"} 1\n")));
}

TEST_F(UploadTest, AConnectionMaySendSeveralOneBehindTheOther) {
  start();
  const std::string expected = "{\"text\": \"" + transcript() + "\"";
  RawClient client(port());
  client.send(post(form(recording_), ""));
  EXPECT_THAT(body_of(client.read_until("\"seconds\": 12}}")), StartsWith(expected));
  // Several requests before the first answer.
  client.send(post(form(recording_), "") + "GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n" +
              post(form(recording_)));
  EXPECT_THAT(body_of(client.read_until("\"seconds\": 12}}")), StartsWith(expected));
  EXPECT_THAT(client.read_until("\"harpy\"}]}\n"), HasSubstr("\"object\": \"list\""));
  EXPECT_THAT(body_of(client.read_to_end()), StartsWith(expected));
}

TEST_F(UploadTest, AConnectionOfTlsMaySendSeveralToo) {
  const TemporaryDirectory directory;
  const TlsFiles files{.certificate = directory.path() / "certificate.pem",
                       .key = directory.path() / "key.pem"};
  write_certificate(files.certificate, files.key, "localhost");
  options().listeners.front().tls = files;
  start();
  const std::string expected = "{\"text\": \"" + transcript() + "\"";
  TlsClient client(port());
  client.send(post(form(recording_), ""));
  EXPECT_THAT(body_of(client.read_until("\"seconds\": 12}}")), StartsWith(expected));
  client.send(post(form(recording_), "") + post(form(recording_)));
  EXPECT_THAT(body_of(client.read_until("\"seconds\": 12}}")), StartsWith(expected));
  EXPECT_THAT(body_of(client.read_to_end()), StartsWith(expected));
}

TEST_F(UploadTest, AClientThatWaitsToBeAskedIsAsked) {
  start();
  const std::string body = form(recording_);
  const std::string whole = post(body, "Expect: 100-continue\r\nConnection: close\r\n");
  RawClient client(port());
  client.send(whole.substr(0, whole.size() - body.size()));
  client.read_until("HTTP/1.1 100 Continue\r\n\r\n");
  client.send(body);
  EXPECT_EQ(json_of(client.read_to_end()).at("text").as_string(), transcript());
}

TEST_F(UploadTest, WhatIsNoSoundIsNamed) {
  start();
  const std::string response = request(post(form("this is no sound at all")));
  EXPECT_THAT(response, StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_EQ(json_of(response).at("error").at("message").as_string(),
            "a.wav: is not an audio file of a known format");
  EXPECT_THAT(response, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(get("/livez"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(UploadTest, FaultsOfTheFormAreNamed) {
  start();
  const auto message = [&](const std::string& text) {
    const std::string response = request(text);
    EXPECT_THAT(response, StartsWith("HTTP/1.1 400 "));
    return std::string(json_of(response).at("error").at("message").as_string());
  };
  EXPECT_EQ(message(post(form(recording_, field("language", "xx")))),
            "language: expected \"en\", the language of the model tiny, got \"xx\"");
  EXPECT_EQ(message(post(field("model", "tiny") + "--bound--")), "file: expected a recording");
  EXPECT_EQ(message(post("")),
            "the form (multipart/form-data) is not complete: its last boundary is missing");
  EXPECT_EQ(message(post(field("model", "tiny"))),
            "the form (multipart/form-data) is not complete: its last boundary is missing");
}

TEST_F(UploadTest, PathsAndMethodsHaveAnswersInTheProtocolsForm) {
  start();
  EXPECT_THAT(get("/v1/audio/transcriptions"), StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(get("/v1/audio/transcriptions"), HasSubstr("Allow: POST\r\n"));
  EXPECT_THAT(body_of(get("/v1/audio/elsewhere")), StartsWith("{\"error\": "));
  EXPECT_THAT(body_of(get("/v1/listen")), StartsWith("{\"err_code\": "));
  EXPECT_THAT(get("/v1/models"), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(body_of(get("/v1/models/tiny")), StartsWith("{\"id\": \"tiny\""));
}

TEST_F(UploadTest, PagesThatMayAskSeeTheAnswer) {
  options().access.origins = {"https://example.org"};
  start();
  const std::string allowed = "Origin: https://example.org\r\nConnection: close\r\n";
  const std::string preflight = request(
      "OPTIONS /v1/audio/transcriptions HTTP/1.1\r\nHost: localhost\r\n" + allowed + "\r\n");
  EXPECT_THAT(preflight, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(preflight, HasSubstr("Access-Control-Allow-Origin: https://example.org\r\n"));
  EXPECT_THAT(preflight, HasSubstr("Access-Control-Allow-Methods: POST\r\n"));
  EXPECT_THAT(request(post(form(recording_), allowed)),
              HasSubstr("Access-Control-Allow-Origin: https://example.org\r\n"));
  EXPECT_THAT(request(post(form(recording_), "Origin: https://evil.example\r\n")),
              StartsWith("HTTP/1.1 403 "));
}

TEST_F(UploadTest, BodiesAreLimited) {
  ServerLimits limits;
  limits.max_upload_bytes = 10'000;
  start(limits);
  EXPECT_THAT(request(post(form(recording_))), StartsWith("HTTP/1.1 413 "));
  const std::string chunked =
      "POST /v1/listen HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_THAT(request(chunked + "4000\r\n" + std::string(0x4000, 'x') + "\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(request(chunked + "no number\r\n"), StartsWith("HTTP/1.1 400 "));
}

TEST_F(UploadTest, SoundIsLimited) {
  ServerLimits limits;
  limits.max_upload_s = 5.0;
  start(limits);
  const std::string response = request(post(form(recording_)));
  EXPECT_THAT(response, StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(response, HasSubstr("the recording is longer than 5 s"));
}

TEST_F(UploadTest, UploadsAreSessionsAndTheirNumberIsLimited) {
  ServerLimits limits;
  limits.max_uploads = 1;
  start(limits);
  RawClient waiting(port());
  waiting.send(post(form(recording_)).substr(0, 1000));
  EXPECT_TRUE(log_tells("session 1: opened"));
  const std::string refused = request(post(form(recording_)));
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(refused, HasSubstr("too many recordings are uploaded at once"));
  EXPECT_THAT(get_of(admin_port(), "/v1/status"), HasSubstr("\"sessions\": 1"));
}

TEST_F(UploadTest, ABodyThatDoesNotComeIsNotWaitedFor) {
  ServerLimits limits;
  limits.idle_timeout = std::chrono::milliseconds(100);
  start(limits);
  const std::string response = request(post(form(recording_)).substr(0, 1000));
  EXPECT_THAT(response, StartsWith("HTTP/1.1 408 "));
}

TEST_F(UploadTest, ADrainWaitsForAnswers) {
  start();
  RawClient client(port());
  client.send(post(form(recording_)));
  EXPECT_TRUE(log_tells("session 1: opened"));
  server().drain();
  EXPECT_EQ(json_of(client.read_to_end()).at("text").as_string(), transcript());
  EXPECT_TRUE(ends());
}

TEST_F(UploadTest, AStopIsTold) {
  start();
  RawClient client(port());
  client.send(post(form(recording_)).substr(0, 5000));
  EXPECT_TRUE(log_tells("session 1: opened"));
  server().stop();
  EXPECT_THAT(client.read_to_end(), HasSubstr("the server stops"));
  EXPECT_TRUE(ends());
}

TEST_F(UploadTest, ClientsThatVanishLeaveNothingBehind) {
  start();
  const std::string whole = post(form(recording_));
  for (std::size_t size = 300; size < whole.size(); size += whole.size() / 7) {
    RawClient client(port());
    client.send(whole.substr(0, size));
  }
  {
    RawClient client(port());
    client.send(whole);
  }
  for (int round = 0; round < 1000; ++round) {
    const std::string status = get_of(admin_port(), "/v1/status");
    if (status.find("\"sessions\": 0") != std::string::npos) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_THAT(get_of(admin_port(), "/v1/status"), HasSubstr("\"sessions\": 0"));
  EXPECT_EQ(json_of(request(whole)).at("text").as_string(), transcript());
}

TEST_F(UploadTest, WhatOnlyFfmpegReadsIsReadByIt) {
  const TemporaryDirectory directory;
  const auto programs = directory.path() / "bin";
  const auto sound = directory.path() / "lib" / "sound.au";
  for (const auto& path : {programs, sound.parent_path()}) std::filesystem::create_directory(path);
  std::ofstream(sound, std::ios::binary) << au_file(samples_);
  std::ofstream(programs / "ffmpeg") << "#!/bin/sh\nexec /bin/cat '" << sound.string() << "'\n";
  std::filesystem::permissions(programs / "ffmpeg", std::filesystem::perms::owner_all);
  const std::string path = std::getenv("PATH");
  setenv("PATH", programs.c_str(), 1);
  start();
  const std::string movie = std::string("\0\0\0\x20", 4) + "ftypM4A " + std::string(100, '\0');
  EXPECT_EQ(json_of(request(post(form(movie)))).at("text").as_string(), transcript());
  std::filesystem::remove(programs / "ffmpeg");
  EXPECT_THAT(request(post(form(movie))), HasSubstr("a.wav: is an M4A file"));
  setenv("PATH", path.c_str(), 1);
}

TEST_F(UploadTest, WithoutADecoderUploadsAreRefused) {
  options().decoding_program = "/nothing";
  start();
  const std::string response = request(post(form(recording_)));
  EXPECT_THAT(response, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(response, HasSubstr("recordings cannot be decoded"));
}

TEST_F(UploadTest, ARecordingThatCannotBeKeptIsAnswered) {
  const std::string reason = "the recording cannot be kept: No space left on device";
  decode_with("head -c 1000 >/dev/null\necho '" + reason + "' >&2\nexit 4\n");
  start();
  const std::string response = request(post(form(recording_)));
  EXPECT_THAT(response, StartsWith("HTTP/1.1 500 "));
  EXPECT_EQ(json_of(response).at("error").at("message").as_string(), reason);
  EXPECT_TRUE(log_tells(reason));
  EXPECT_THAT(get("/readyz"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(UploadTest, WithoutAFolderForTemporaryFilesUploadsAreRefused) {
  const char* const usual = std::getenv("TMPDIR");
  const std::string former = usual == nullptr ? "" : usual;
  start();
  setenv("TMPDIR", "/nothing", 1);
  const std::string response = request(post(form(recording_)));
  usual == nullptr ? unsetenv("TMPDIR") : setenv("TMPDIR", former.c_str(), 1);
  EXPECT_THAT(response, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(response, HasSubstr("recordings cannot be decoded"));
  EXPECT_EQ(json_of(request(post(form(recording_)))).at("text").as_string(), transcript());
}

TEST_F(UploadTest, ADecoderThatDiesIsToldToItsClientAlone) {
  decode_with("head -c 1000 >/dev/null\nkill -9 $$\n");
  start();
  TestClient other(port());
  const std::string response = request(post(form(recording_)));
  EXPECT_THAT(response, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(response, HasSubstr("decoding the recording was ended by signal 9"));
  other.send_text(R"({"eof" : 1})");
  EXPECT_EQ(other.receive(), R"({"text": ""})");
}

TEST_F(UploadTest, ManyAtOnceGetTheirOwnAnswers) {
  start();
  const std::string expected = transcript();
  std::vector<std::jthread> clients;
  std::atomic<int> right_count = 0;
  for (int index = 0; index < 8; ++index) {
    clients.emplace_back([&, index] {
      const double seconds = 3.0 + index;
      const auto samples = example_audio(kRateHz, seconds);
      const std::string response = request(post(form(wav_file(samples))));
      const bool is_right =
          json_of(response).at("text").as_string() == recognized_text(samples, kRateHz);
      if (is_right) ++right_count;
    });
  }
  clients.clear();
  EXPECT_EQ(right_count, 8);
}

}  // namespace
}  // namespace harpy::testing
