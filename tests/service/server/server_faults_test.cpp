// Clients that do what no client should. Whatever they do, the server goes on serving the others.
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/service/server/server_fixture.hpp"

namespace harpy::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class ServerFaultsTest : public ServerTest {
 protected:
  ServerFaultsTest() : samples_(example_audio(kRateHz, 2.0)) {}

  /// That a well-behaved client is served as if nothing had happened.
  void expect_service() {
    TestClient client(port());
    EXPECT_EQ(stream_in_lockstep(client, samples_, 1600), recognized_text(samples_, kRateHz));
    EXPECT_EQ(client.wait_for_close(), 1000);
  }

  /// That no session is left: a server that drains ends.
  void expect_nobody_left() {
    server().drain();
    EXPECT_TRUE(ends());
    EXPECT_THAT(stop(), HasSubstr("stopped: drained"));
  }

  const std::vector<std::int16_t> samples_;
};

TEST_F(ServerFaultsTest, ClientsThatVanishLeaveNothingBehind) {
  start();
  for (int round = 0; round < 20; ++round) {
    TestClient client(port());
    if (round % 4 > 0) client.send_audio(samples_);
    if (round % 4 > 1) client.receive();
    if (round % 4 > 2) client.send_text(R"({"eof" : 1})");
    client.vanish();
  }
  expect_service();
  expect_nobody_left();
}

TEST_F(ServerFaultsTest, EofAndCloseAtOnceIsNoProblem) {
  start();
  for (int round = 0; round < 5; ++round) {
    TestClient client(port());
    client.send_audio(samples_);
    client.send_text(R"({"eof" : 1})");
    client.close();
  }
  expect_nobody_left();
}

TEST_F(ServerFaultsTest, AResultIsSentAlthoughACloseFrameOrTheEndFollowsTheEofAtOnce) {
  start();
  const auto bytes = std::as_bytes(std::span(samples_));
  const std::string audio(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::string expected = recognized_text(samples_, kRateHz);
  ASSERT_FALSE(expected.empty());
  for (int round = 0; round < 10; ++round) {
    RawClient client(port());
    client.send(kUpgradeRequest);
    EXPECT_THAT(client.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 101 "));
    std::string frames = client_frame(2, audio) + client_frame(1, R"({"eof" : 1})");
    if (round % 2 == 0) frames += client_frame(8, "\x03\xe8");
    client.send(frames);
    if (round % 4 > 0) client.shut_down();
    const std::string replies = client.read_to_end();
    EXPECT_THAT(replies, HasSubstr("\"text\": \"" + expected + "\"}")) << round;
    EXPECT_THAT(replies, HasSubstr("\x03\xe8"
                                   "end of audio"))
        << round;
  }
  expect_nobody_left();
}

TEST_F(ServerFaultsTest, AClientThatNeverReadsIsSlowedDownAndThenDropped) {
  ServerLimits limits;
  limits.max_waiting_replies = 4;
  limits.idle_timeout = std::chrono::milliseconds(500);
  start(limits);
  TestClient client(port(), {.receive_buffer_bytes = 1});
  client.send_text(R"({"config" : {"partial_words" : true}})");
  client.send_audio(samples_);
  EXPECT_TRUE(client.flood_until_broken());
  EXPECT_THAT(stop(), HasSubstr("the client does not read"));
}

TEST_F(ServerFaultsTest, AMessageThatIsNeverCompletedIsNotWaitedFor) {
  ServerLimits limits;
  limits.idle_timeout = std::chrono::milliseconds(150);
  start(limits);
  RawClient client(port());
  client.send(kUpgradeRequest);
  EXPECT_THAT(client.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 101 "));
  client.send("\x82\xff");
  EXPECT_THAT(client.read_to_end(), HasSubstr("nothing received for too long"));
}

TEST_F(ServerFaultsTest, FramesThatBreakTheWebSocketRulesCloseWith1002) {
  start();
  const std::vector<std::string> frames{
      std::string("\x82\x05hello", 7),             // not masked
      std::string("\x83\x80\x00\x00\x00\x00", 6),  // reserved opcode
      std::string("\xf2\x80\x00\x00\x00\x00", 6),  // reserved bits
      std::string("\x80\x80\x00\x00\x00\x00", 6),  // nothing to continue
      std::string("\x09\x80\x00\x00\x00\x00", 6),  // a ping in fragments
      std::string("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", 14),  // endless
  };
  for (const std::string& frame : frames) {
    RawClient client(port());
    client.send(kUpgradeRequest);
    client.read_until("\r\n\r\n");
    client.send(frame);
    client.shut_down();
    const std::string close_frame = client.read_to_end();
    ASSERT_GE(close_frame.size(), 4U);
    EXPECT_EQ(close_frame[0], '\x88');
    const int code = static_cast<unsigned char>(close_frame[2]) * 256 +
                     static_cast<unsigned char>(close_frame[3]);
    EXPECT_TRUE(code == 1002 || code == 1009) << code;
  }
  expect_service();
}

TEST_F(ServerFaultsTest, TextThatIsNotUtf8ClosesWith1007) {
  start();
  TestClient client(port());
  client.send_text("{\"eof\": \"\xff\xfe\"}");
  EXPECT_EQ(client.wait_for_close(), 1007);
}

TEST_F(ServerFaultsTest, RandomBytesNeverStopTheServer) {
  start();
  std::mt19937 random(3);
  for (int round = 0; round < 100; ++round) {
    RawClient client(port());
    if (round % 2 == 0) {
      client.send(kUpgradeRequest);
    }
    std::string bytes(1 + random() % 300, ' ');
    for (char& byte : bytes) byte = static_cast<char>(random());
    client.send(bytes);
  }
  expect_service();
}

TEST_F(ServerFaultsTest, ManyClientsAtOnceEachGetWhatOneGetsAlone) {
  start();
  const std::string expected = recognized_text(samples_, kRateHz);
  constexpr int kThreadCount = 4;
  constexpr int kClientsPerThread = 10;
  std::vector<std::future<std::vector<std::string>>> results;
  for (int thread = 0; thread < kThreadCount; ++thread) {
    results.push_back(std::async(std::launch::async, [&] {
      std::vector<std::unique_ptr<TestClient>> clients;
      for (int index = 0; index < kClientsPerThread; ++index) {
        clients.push_back(std::make_unique<TestClient>(port()));
      }
      std::vector<std::string> texts(clients.size());
      for (std::size_t begin = 0; begin < samples_.size(); begin += 1600) {
        for (const auto& client : clients) {
          client->send_audio(std::span(samples_).subspan(
              begin, std::min<std::size_t>(1600, samples_.size() - begin)));
        }
        for (std::size_t index = 0; index < clients.size(); ++index) {
          add_final(clients[index]->receive(), texts[index]);
        }
      }
      for (std::size_t index = 0; index < clients.size(); ++index) {
        clients[index]->send_text(R"({"eof" : 1})");
        add_final(clients[index]->receive(), texts[index]);
      }
      return texts;
    }));
  }
  for (auto& result : results) {
    for (const std::string& text : result.get()) EXPECT_EQ(text, expected);
  }
}

TEST_F(ServerFaultsTest, TwoHundredBadClientsLeaveTheServerServing) {
  ServerLimits limits;
  limits.max_sessions = 250;
  start(limits);
  std::vector<std::unique_ptr<TestClient>> stalled;
  std::vector<std::unique_ptr<RawClient>> raw;
  for (int round = 0; round < 50; ++round) {
    TestClient vanishing(port());
    vanishing.send_audio(std::span(samples_).first(3200));
    vanishing.vanish();

    stalled.push_back(std::make_unique<TestClient>(port()));
    stalled.back()->send_audio(std::span(samples_).first(100));

    TestClient flooding(port());
    for (int frame = 0; frame < 50; ++frame) flooding.send_audio(std::span(samples_).first(20));
    flooding.vanish();

    raw.push_back(std::make_unique<RawClient>(port()));
    raw.back()->send("\xff\xfe garbage without an end");
  }
  expect_service();
}

}  // namespace
}  // namespace harpy::testing
