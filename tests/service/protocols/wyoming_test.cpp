#include "service/protocols/wyoming.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <stdexcept>

#include <boost/json.hpp>

namespace harpy {
namespace {

using ::testing::HasSubstr;

void add_bytes(WyomingReader& reader, std::string_view text) {
  reader.add(std::as_bytes(std::span(text)));
}

std::string event_error(const std::string& text, const WyomingLimits& limits = {}) {
  WyomingReader reader(limits);
  add_bytes(reader, text);
  try {
    reader.next();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(WyomingEvents, DataOfTheLineAndBehindItAreMergedAndThePayloadFollows) {
  WyomingReader reader({});
  add_bytes(
      reader,
      "{\"type\": \"audio-chunk\", \"data\": {\"rate\": 8000, \"x\": 1}, \"data_length\": 16, "
      "\"payload_length\": 5}\n{\"rate\": 16000 }\1\2\n");
  EXPECT_FALSE(reader.next());
  add_bytes(reader, std::string_view("\0\4{\"type\":\"ping\"}\n", 18));
  const auto chunk = reader.next();
  ASSERT_TRUE(chunk);
  EXPECT_EQ(chunk->type, "audio-chunk");
  EXPECT_EQ(chunk->data.at("rate").to_number<int>(), 16000);
  EXPECT_EQ(chunk->data.at("x").to_number<int>(), 1);
  ASSERT_EQ(chunk->payload.size(), 5U);
  EXPECT_EQ(chunk->payload[4], std::byte{4});
  const auto ping = reader.next();
  ASSERT_TRUE(ping);
  EXPECT_EQ(ping->type, "ping");
  EXPECT_TRUE(ping->payload.empty());
  EXPECT_FALSE(reader.next());
}

TEST(WyomingEvents, TheBytesMayBeCutAnywhere) {
  std::string stream;
  for (int i = 0; i < 50; ++i) {
    const std::string payload(static_cast<std::size_t>(i * 7), static_cast<char>(i));
    stream += R"({"type": "audio-chunk", "payload_length": )" + std::to_string(payload.size()) +
              "}\n" + payload;
  }
  std::mt19937 random(3);
  for (int round = 0; round < 20; ++round) {
    WyomingReader reader({});
    std::vector<std::size_t> sizes;
    for (std::size_t begin = 0; begin < stream.size();) {
      const std::size_t count = std::min<std::size_t>(1 + random() % 400, stream.size() - begin);
      add_bytes(reader, std::string_view(stream).substr(begin, count));
      begin += count;
      while (const auto event = reader.next()) {
        for (const std::byte byte : event->payload) {
          EXPECT_EQ(byte, static_cast<std::byte>(sizes.size()));
        }
        sizes.push_back(event->payload.size());
      }
    }
    ASSERT_EQ(sizes.size(), 50U);
    EXPECT_EQ(sizes.back(), 49U * 7U);
  }
}

TEST(WyomingEvents, WhatIsNoEventIsRefused) {
  EXPECT_THAT(event_error("hello\n"), HasSubstr("an event's line: not JSON"));
  EXPECT_THAT(event_error("[]\n"), HasSubstr("not a JSON object"));
  EXPECT_THAT(event_error("{}\n"), HasSubstr("must have a \"type\""));
  EXPECT_THAT(event_error("{\"type\": \"x\", \"data_length\": 2}\n[]"),
              HasSubstr("an event's data"));
  for (const char* length : {"-1", "1.5", "\"1\"", "1e30", "true"}) {
    EXPECT_THAT(event_error(std::string("{\"type\": \"x\", \"payload_length\": ") + length + "}\n"),
                HasSubstr("payload_length: expected"))
        << length;
  }
}

TEST(WyomingEvents, LengthsAreLimitedBeforeAnythingIsKept) {
  const WyomingLimits limits{.max_line_bytes = 40, .max_data_bytes = 8, .max_payload_bytes = 16};
  EXPECT_THAT(event_error(std::string(41, 'x'), limits), HasSubstr("line may have 40 bytes"));
  EXPECT_THAT(event_error("{\"type\":\"x\",\"data_length\":9}\n", limits),
              HasSubstr("data_length: expected 0 to 8"));
  EXPECT_THAT(event_error("{\"type\":\"x\",\"payload_length\":17}\n", limits),
              HasSubstr("payload_length: expected 0 to 16"));
  EXPECT_EQ(event_error("{\"type\":\"x\",\"payload_length\":16}\n", limits), "");
}

TEST(WyomingEvents, TheFormatOfAudioIsChecked) {
  const auto event = [](const char* data) {
    return WyomingEvent{.type = "audio-start", .data = boost::json::parse(data).as_object()};
  };
  const PcmFormat format =
      wyoming_format(event(R"({"rate": 22050, "width": 2, "channels": 2, "timestamp": 3})"));
  EXPECT_EQ(format.sample_rate_hz, 22050);
  EXPECT_EQ(format.channel_count, 2);
  for (const char* data :
       {R"({"rate": 16000, "width": 4, "channels": 1})", R"({"rate": 16000, "width": 2})",
        R"({"rate": 1, "width": 2, "channels": 1})", R"({"rate": "a", "width": 2, "channels": 1})",
        R"({"rate": 16000, "width": 2, "channels": 9})", "{}"}) {
    EXPECT_THROW(wyoming_format(event(data)), std::runtime_error) << data;
  }
}

TEST(WyomingEvents, TheServiceIsDescribed) {
  const std::string info = wyoming_info({.name = "en-small", .version = "4", .language = "en"});
  ASSERT_TRUE(info.ends_with("}\n"));
  const boost::json::value value = boost::json::parse(info);
  EXPECT_EQ(value.at("type").as_string(), "info");
  const boost::json::value& asr = value.at("data").at("asr").at(0);
  EXPECT_TRUE(asr.at("installed").as_bool());
  EXPECT_TRUE(asr.at("supports_transcript_streaming").as_bool());
  const boost::json::value& model = asr.at("models").at(0);
  EXPECT_EQ(model.at("name").as_string(), "en-small");
  EXPECT_EQ(model.at("languages").at(0).as_string(), "en");
  for (const char* field : {"name", "url"})
    EXPECT_TRUE(model.at("attribution").at(field).is_string());
}

}  // namespace
}  // namespace harpy
