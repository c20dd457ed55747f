#include "service/server/listener_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>

#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string listener_error(const std::string& text) {
  try {
    parse_listener(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST(ListenerTexts, AnAddressAloneSpeaksTheUsualProtocols) {
  const ListenerOptions listener = parse_listener("0.0.0.0:2700");
  EXPECT_EQ(listener.where.address, "0.0.0.0");
  EXPECT_EQ(listener.where.port, 2700);
  EXPECT_EQ(listener.protocols, default_protocols());
  EXPECT_FALSE(listener.sample_rate_hz);
  EXPECT_FALSE(listener.max_sessions);
  EXPECT_TRUE(listener.needs_key);
  EXPECT_FALSE(listener.proxy_protocol);
  EXPECT_FALSE(listener.tls);
}

TEST(ListenerTexts, EveryFieldIsRead) {
  const ListenerOptions listener = parse_listener(
      "[::1]:0,protocols=deepgram+openai-realtime,model=klein,sample-rate=8000,max-sessions=3,"
      "max-connections=7,keys=off,proxy-protocol=on,tls-certificate=/a/cert.pem,tls-key=/a/"
      "key.pem");
  EXPECT_EQ(listener.where.address, "::1");
  EXPECT_EQ(listener.where.port, 0);
  ASSERT_EQ(listener.protocols.size(), 2U);
  EXPECT_EQ(listener.protocols[0]->name, "deepgram");
  EXPECT_EQ(listener.protocols[1]->name, "openai-realtime");
  EXPECT_EQ(listener.model, "klein");
  EXPECT_EQ(listener.sample_rate_hz, 8000.0);
  EXPECT_EQ(listener.max_sessions, 3);
  EXPECT_EQ(listener.max_connections, 7);
  EXPECT_FALSE(listener.needs_key);
  EXPECT_TRUE(listener.proxy_protocol);
  EXPECT_EQ(listener.tls->certificate, "/a/cert.pem");
  EXPECT_EQ(listener.tls->key, "/a/key.pem");
}

TEST(ListenerTexts, WhatIsWrongIsNamed) {
  EXPECT_THAT(listener_error("localhost"),
              HasSubstr("listener \"localhost\": expected ADDRESS:PORT"));
  EXPECT_THAT(listener_error(":5050"), HasSubstr("expected ADDRESS:PORT"));
  EXPECT_THAT(listener_error("localhost:70000"), HasSubstr("expected a port"));
  EXPECT_THAT(listener_error("localhost:"), HasSubstr("expected a port"));
  EXPECT_THAT(listener_error("::1:5050"), HasSubstr("expected brackets"));
  EXPECT_THAT(listener_error("a:1,protocols=gopher"), HasSubstr("no protocol \"gopher\""));
  EXPECT_THAT(listener_error("a:1,protocols="), HasSubstr("needs a protocol"));
  EXPECT_THAT(listener_error("a:1,protocols=vosk+kaldi"), HasSubstr("listener for itself"));
  EXPECT_THAT(listener_error("a:1,sample-rate=1"), HasSubstr("expected sample-rate from 4000"));
  EXPECT_THAT(listener_error("a:1,max-sessions=0"), HasSubstr("expected max-sessions from 1"));
  EXPECT_THAT(listener_error("a:1,keys=no"), HasSubstr("expected keys=on or keys=off"));
  EXPECT_THAT(listener_error("a:1,tls-key=k.pem"), HasSubstr("tls-key= together"));
  EXPECT_THAT(listener_error("a:1,tea=yes"), HasSubstr("expected protocols="));
}

TEST(ListenerTexts, AFileHasAListenerOnEachLine) {
  const testing::TemporaryDirectory directory;
  const auto path = directory.path() / "listeners";
  std::ofstream(path) << "# Kaldi's clients\n127.0.0.1:5050,protocols=kaldi\n\n0.0.0.0:2701\n";
  const std::vector<ListenerOptions> listeners = read_listeners(path);
  ASSERT_EQ(listeners.size(), 2U);
  EXPECT_EQ(listeners[0].protocols.front()->name, "kaldi");
  EXPECT_EQ(listeners[1].where.port, 2701);
  std::ofstream(path) << "127.0.0.1:5050\n\nnowhere\n";
  try {
    read_listeners(path);
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("listeners:3: "), HasSubstr("\"nowhere\"")));
  }
}

}  // namespace
}  // namespace harpy
