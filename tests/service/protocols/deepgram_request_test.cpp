#include "service/protocols/deepgram_request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

DeepgramRequest request_of(const std::string& query) {
  return parse_deepgram_request(parse_request_target("/v1/listen?" + query));
}

std::string query_error(const std::string& query) {
  try {
    deepgram_coding(request_of(query));
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(DeepgramRequests, EveryParameterIsRead) {
  const DeepgramRequest request = request_of(
      "encoding=mulaw&sample_rate=8000&channels=2&language=en-GB&interim_results=true&"
      "vad_events=true&smart_format=true&endpointing=300&utterance_end_ms=1500&model=nova-3");
  EXPECT_EQ(request.encoding, "mulaw");
  EXPECT_EQ(request.sample_rate_hz, 8000.0);
  EXPECT_EQ(request.channel_count, 2);
  EXPECT_EQ(request.language, "en-GB");
  EXPECT_TRUE(request.interim_results);
  EXPECT_TRUE(request.speech_starts);
  EXPECT_TRUE(request.written);
  EXPECT_EQ(request.endpoint_s, 0.3);
  EXPECT_EQ(request.utterance_end_s, 1.5);
  EXPECT_THAT(request.ignored, ElementsAre());
  EXPECT_EQ(request.model, "nova-3");
}

TEST(DeepgramRequests, WhatIsNotAskedForIsOff) {
  const DeepgramRequest request = request_of("interim_results=false&numerals=false");
  EXPECT_FALSE(request.interim_results);
  EXPECT_FALSE(request.speech_starts);
  EXPECT_FALSE(request.written);
  EXPECT_TRUE(request.endpoints);
  EXPECT_FALSE(request.endpoint_s);
  EXPECT_FALSE(request.utterance_end_s);
}

TEST(DeepgramRequests, KeyTermsAndKeywordsAreHotPhrases) {
  const DeepgramRequest request =
      request_of("keyterm=New+York&keywords=harpy:2&keywords=eagle&keywords=owl:-9");
  EXPECT_THAT(request.steering.hot_phrases,
              ElementsAre(HotPhrase{"New York"}, HotPhrase{"harpy", 8.0}, HotPhrase{"eagle"},
                          HotPhrase{"owl", -20.0}));
}

TEST(DeepgramRequests, RawEncodingsAreTakenLive) {
  EXPECT_EQ(deepgram_coding(request_of("encoding=linear16")), PcmCoding::kS16);
  EXPECT_EQ(deepgram_coding(request_of("encoding=linear32")), PcmCoding::kFloat32);
  EXPECT_EQ(deepgram_coding(request_of("encoding=mulaw")), PcmCoding::kMuLaw);
  EXPECT_EQ(deepgram_coding(request_of("encoding=alaw")), PcmCoding::kALaw);
  for (const char* query : {"", "encoding=opus", "encoding=ogg-opus", "encoding=flac"}) {
    EXPECT_THAT(query_error(query), HasSubstr("encoding: live audio must be raw")) << query;
  }
}

TEST(DeepgramRequests, WhatIsWrongIsNamed) {
  EXPECT_THAT(query_error("sample_rate=fast"), HasSubstr("sample_rate: expected a number"));
  EXPECT_THAT(query_error("sample_rate=nan"), HasSubstr("sample_rate: expected a number"));
  EXPECT_THAT(query_error("channels=9"), HasSubstr("channels: expected a number from 1 to 8"));
  EXPECT_THAT(query_error("interim_results=maybe"), HasSubstr("interim_results: expected true or"));
  EXPECT_THAT(query_error("utterance_end_ms=999"), HasSubstr("utterance_end_ms: expected"));
  EXPECT_THAT(query_error("endpointing=-1"), HasSubstr("endpointing: expected"));
  EXPECT_THAT(query_error("keywords=word:much"), HasSubstr("keywords: expected"));
  EXPECT_THAT(query_error("keyterm=" + std::string(1001, 'x')), HasSubstr("hot_phrases[0]"));
}

TEST(DeepgramRequests, WhatAClientWouldMissIsRefusedUnlessItIsOff) {
  for (const std::string name : {"redact", "callback", "search", "diarize"}) {
    EXPECT_THAT(query_error(name + "=true"), HasSubstr(name + ": expected nothing"));
    EXPECT_THAT(query_error("encoding=linear16&" + name + "=false"), "");
  }
}

TEST(DeepgramRequests, EndpointsAreThoseOfTheRequestWithinWhatIsPossible) {
  const EndpointTimes usual{.end_s = 0.6};
  EXPECT_EQ(deepgram_endpoint_times(request_of(""), usual), usual);
  EXPECT_EQ(deepgram_endpoint_times(request_of("endpointing=true"), usual), usual);
  EXPECT_EQ(deepgram_endpoint_times(request_of("endpointing=400"), usual).end_s, 0.4);
  EXPECT_EQ(deepgram_endpoint_times(request_of("endpointing=10"), usual).end_s, 0.1);
  const DeepgramRequest off = request_of("endpointing=false");
  EXPECT_FALSE(off.endpoints);
  EXPECT_EQ(deepgram_endpoint_times(off, usual).end_s, 3600.0);
  EXPECT_NO_THROW(check_endpoint_times(deepgram_endpoint_times(off, usual)));
}

TEST(DeepgramRequests, TheModelIsTheOneThatIsNamedAndTheLanguageMustBeIts) {
  const ProtocolSettings settings{
      .model = {.name = "tiny", .version = "7", .language = "en"},
      .other_models = {{.name = "klein", .version = "1", .language = "de"}}};
  const auto model_of = [&](const std::string& query) {
    return deepgram_model(request_of(query), settings).name;
  };
  EXPECT_EQ(model_of(""), "tiny");
  EXPECT_EQ(model_of("language=en-US"), "tiny");
  EXPECT_EQ(model_of("language=multi"), "tiny");
  EXPECT_EQ(model_of("model=nova-3"), "tiny");
  EXPECT_EQ(model_of("model=klein&language=de"), "klein");
  EXPECT_THROW(model_of("language=de"), std::runtime_error);
  EXPECT_THROW(model_of("model=klein&language=en"), std::runtime_error);
  EXPECT_THROW(model_of("model=kleiner"), std::runtime_error);
}

}  // namespace
}  // namespace harpy
