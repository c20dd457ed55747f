// A server with several models: clients and listeners choose by name.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/service/server/server_fixture.hpp"

namespace harpy::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class SeveralModelsTest : public ServerTest {
 protected:
  SeveralModelsTest() : other_(std::make_shared<Recognizer>(model(), RecognizerOptions{})) {
    further_models().push_back({"other", other_});
  }

  /// Streams to a path in audio of two seconds.
  void stream(TestClient& client, const std::string& last_text) const {
    client.send_audio(example_audio(kRateHz, 2.0));
    client.send_text(last_text);
    client.wait_for_close();
  }
  /// Whether the other model recognises two seconds of audio within ten.
  bool other_has_heard() const {
    for (int round = 0; round < 1000; ++round) {
      if (other_->load().audio_s >= 2.0) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  const std::shared_ptr<Recognizer> other_;
};

constexpr const char* kDeepgramPath = "/v1/listen?encoding=linear16&sample_rate=8000";
constexpr const char* kDeepgramEnd = R"({"type": "CloseStream"})";

TEST_F(SeveralModelsTest, AllAreListed) {
  start();
  EXPECT_THAT(get("/v1/models"),
              AllOf(HasSubstr(R"("id": "tiny")"), HasSubstr(R"("id": "other")")));
  EXPECT_THAT(get("/v1/models/other"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(get_of(admin_port(), "/v1/status"), HasSubstr(R"({"name": "other")"));
  EXPECT_THAT(get_of(admin_port(), "/metrics"),
              HasSubstr("asr_model_loaded_info{model=\"other\",version=\"1\"} 1\n"));
}

TEST_F(SeveralModelsTest, AClientChoosesByName) {
  start();
  TestClient usual(port(), {.path = kDeepgramPath});
  stream(usual, kDeepgramEnd);
  EXPECT_EQ(other_->load().audio_s, 0.0);
  TestClient choosing(port(), {.path = std::string(kDeepgramPath) + "&model=other"});
  stream(choosing, kDeepgramEnd);
  EXPECT_TRUE(other_has_heard());
}

TEST_F(SeveralModelsTest, AListenerChoosesForClientsThatDoNot) {
  options().listeners.push_back({.model = "other"});
  start();
  TestClient client(server().port(1));
  stream(client, R"({"eof" : 1})");
  EXPECT_TRUE(other_has_heard());
}

TEST_F(SeveralModelsTest, ANameThatNoModelHasIsTheProtocolsError) {
  start();
  std::string upgrade = kUpgradeRequest;
  upgrade.replace(upgrade.find("GET / "), 6, "GET " + std::string(kDeepgramPath) + "&model=none ");
  EXPECT_THAT(request(upgrade), AllOf(StartsWith("HTTP/1.1 400 "),
                                      HasSubstr(R"(model: expected one of \"tiny\", \"other\")")));
  EXPECT_THAT(get("/v1/models/none"),
              AllOf(StartsWith("HTTP/1.1 404 "), HasSubstr("\"code\": \"model_not_found\"")));
  TestClient client(port(), {.path = "/v1/realtime"});
  client.receive();
  client.send_text(
      R"({"type": "session.update", "session": {"audio": {"input": {"transcription": {"model": "none"}}}}})");
  EXPECT_THAT(client.receive(), HasSubstr("model_not_found"));
}

}  // namespace
}  // namespace harpy::testing
