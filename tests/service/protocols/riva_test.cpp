// What Riva's messages mean, and how results are worded in them.
#include "service/protocols/riva.hpp"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "riva.pb.h"

namespace harpy {
namespace {

namespace riva = nvidia::riva::asr;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

ProtocolSettings served_models() {
  return {.model = {.name = "small", .version = "4", .language = "en"},
          .other_models = {{.name = "german", .version = "1", .language = "de"}}};
}

/// A recording's settings, with what a change makes of them.
template <typename Change>
RivaSettings read_settings(const Change& change) {
  riva::RecognizeRequest request;
  change(*request.mutable_config());
  return *parse_riva_recording(request.SerializeAsString()).settings;
}

/// What is wrong with such settings.
template <typename Change>
std::string fault_of(const Change& change) {
  try {
    read_settings(change);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "nothing";
}

SessionEvent final_event() {
  return {.kind = EventKind::kFinal,
          .words = {{.text = "two", .start_s = 0.5, .end_s = 0.75, .confidence = 0.5},
                    {.text = "words", .start_s = 0.75, .end_s = 1.2504, .confidence = 1.0}},
          .alternatives = {{.words = {{.text = "two"}, {.text = "words"}}, .probability = 0.625},
                           {.words = {{.text = "too"}}, .probability = 0.25},
                           {.words = {{.text = "to"}}, .probability = 0.125}},
          .start_s = 0.25,
          .end_s = 1.5};
}

TEST(Riva, SettingsAreReadWithTheirDefaults) {
  const RivaSettings usual = read_settings([](riva::RecognitionConfig&) {});
  EXPECT_EQ(usual.coding, std::nullopt);
  EXPECT_EQ(usual.sample_rate_hz, std::nullopt);
  EXPECT_EQ(usual.channel_count, 1);
  EXPECT_EQ(usual.max_alternatives, 1);
  EXPECT_FALSE(usual.word_times);
  EXPECT_FALSE(usual.verbatim);
  EXPECT_EQ(usual.steering, SteeringRequest());

  const RivaSettings all = read_settings([](riva::RecognitionConfig& config) {
    config.set_encoding(riva::ALAW);
    config.set_sample_rate_hertz(8000);
    config.set_audio_channel_count(2);
    config.set_language_code("en-US");
    config.set_model("small");
    config.set_max_alternatives(3);
    config.set_enable_word_time_offsets(true);
    config.set_verbatim_transcripts(true);
    config.mutable_endpointing_config()->set_stop_history(800);
    riva::SpeechContext& context = *config.add_speech_contexts();
    context.add_phrases("one");
    context.add_phrases("two three");
    context.set_boost(30.0F);
    config.add_speech_contexts()->add_phrases("four");
  });
  EXPECT_EQ(all.coding, PcmCoding::kALaw);
  EXPECT_EQ(all.sample_rate_hz, 8000);
  EXPECT_EQ(all.channel_count, 2);
  EXPECT_EQ(all.language, "en-US");
  EXPECT_EQ(all.model, "small");
  EXPECT_EQ(all.max_alternatives, 3);
  EXPECT_TRUE(all.word_times);
  EXPECT_TRUE(all.verbatim);
  EXPECT_EQ(all.endpoint_s, 0.8);
  const std::vector<HotPhrase> phrases{
      {.text = "one", .boost = 20.0}, {.text = "two three", .boost = 20.0}, {.text = "four"}};
  EXPECT_EQ(all.steering.hot_phrases, phrases);
}

TEST(Riva, WhatCannotBeFollowedIsNamed) {
  using Config = riva::RecognitionConfig;
  EXPECT_THAT(fault_of([](Config& config) { config.set_sample_rate_hertz(3999); }),
              HasSubstr("sample_rate_hertz: expected a number from 4000 to 192000"));
  EXPECT_THAT(fault_of([](Config& config) { config.set_audio_channel_count(9); }),
              HasSubstr("audio_channel_count"));
  EXPECT_THAT(fault_of([](Config& config) { config.set_max_alternatives(-1); }),
              HasSubstr("max_alternatives"));
  EXPECT_THAT(fault_of([](Config& config) { config.set_encoding(riva::AudioEncoding(7)); }),
              HasSubstr("encoding"));
  EXPECT_THAT(fault_of([](Config& config) { config.set_profanity_filter(true); }),
              HasSubstr("profanity_filter"));
  EXPECT_THAT(fault_of([](Config& config) {
                config.mutable_diarization_config()->set_enable_speaker_diarization(true);
              }),
              HasSubstr("enable_speaker_diarization"));
  EXPECT_THAT(
      fault_of([](Config& config) { config.set_enable_separate_recognition_per_channel(true); }),
      HasSubstr("enable_separate_recognition_per_channel"));
  EXPECT_THAT(fault_of([](Config& config) {
                config.add_speech_contexts()->add_phrases(std::string(kMostPhraseBytes + 1, 'a'));
              }),
              HasSubstr("speech_contexts"));
  EXPECT_THAT(
      fault_of([](Config& config) { config.mutable_endpointing_config()->set_stop_history(-5); }),
      HasSubstr("endpointing_config.stop_history"));
  EXPECT_THAT([] { parse_riva_recording("\x0a\xff"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("nvidia.riva.asr")));
}

TEST(Riva, TheModelIsThatOfTheNameAndTheLanguage) {
  const ProtocolSettings served = served_models();
  EXPECT_EQ(riva_model({.language = "en-GB"}, served).name, "small");
  EXPECT_EQ(riva_model({.language = "de-DE", .model = "german"}, served).name, "german");
  EXPECT_THAT([&] { riva_model({.language = "de-DE"}, served); },
              ThrowsMessage<std::runtime_error>("language_code: expected the model's, en"));
  EXPECT_THAT([&] { riva_model({.model = "other"}, served); },
              ThrowsMessage<std::runtime_error>(HasSubstr("\"small\", \"german\"")));
}

TEST(Riva, SessionsAreAskedForWhatTheSettingsSay) {
  const ServedModel model{.name = "small", .has_written_form = true};
  const SessionOptions usual = riva_session_options({}, model, {});
  EXPECT_FALSE(usual.partials);
  EXPECT_TRUE(usual.confidences);
  EXPECT_TRUE(usual.written);
  EXPECT_EQ(usual.max_alternatives, 0);
  const SessionOptions other = riva_session_options(
      {.max_alternatives = 4, .interim_results = true, .verbatim = true, .endpoint_s = 2.5}, model,
      {});
  EXPECT_TRUE(other.partials);
  EXPECT_FALSE(other.written);
  EXPECT_EQ(other.max_alternatives, 4);
  EXPECT_EQ(other.endpoint_times.end_s, 2.5);
}

TEST(Riva, FinalsHaveTimesInMillisecondsConfidencesAndAlternatives) {
  riva::StreamingRecognizeResponse response;
  ASSERT_TRUE(response.ParseFromString(riva_live_response(
      final_event(), {.max_alternatives = 2, .word_times = true, .id = "mine"})));
  EXPECT_EQ(response.id().value(), "mine");
  ASSERT_EQ(response.results_size(), 1);
  const riva::StreamingRecognitionResult& result = response.results(0);
  EXPECT_TRUE(result.is_final());
  EXPECT_EQ(result.channel_tag(), 1);
  EXPECT_FLOAT_EQ(result.audio_processed(), 1.5F);
  ASSERT_EQ(result.alternatives_size(), 2);
  EXPECT_EQ(result.alternatives(0).transcript(), "two words");
  EXPECT_FLOAT_EQ(result.alternatives(0).confidence(), 0.75F);
  ASSERT_EQ(result.alternatives(0).words_size(), 2);
  EXPECT_EQ(result.alternatives(0).words(1).word(), "words");
  EXPECT_EQ(result.alternatives(0).words(1).start_time(), 750);
  EXPECT_EQ(result.alternatives(0).words(1).end_time(), 1250);
  EXPECT_FLOAT_EQ(result.alternatives(0).words(0).confidence(), 0.5F);
  EXPECT_EQ(result.alternatives(1).transcript(), "too");
  EXPECT_FLOAT_EQ(result.alternatives(1).confidence(), 0.25F);
}

TEST(Riva, PartialsHaveWordsAloneAndFinalsTheirWrittenFormIfAskedFor) {
  SessionEvent event = final_event();
  event.written = {{.text = "2 words", .start_s = 0.5, .end_s = 1.2504}};
  riva::StreamingRecognizeResponse response;
  ASSERT_TRUE(
      response.ParseFromString(riva_live_response(event, {.word_times = true, .written = true})));
  EXPECT_EQ(response.results(0).alternatives(0).transcript(), "2 words");
  ASSERT_EQ(response.results(0).alternatives(0).words_size(), 1);
  EXPECT_FLOAT_EQ(response.results(0).alternatives(0).words(0).confidence(), 0.75F);
  EXPECT_FALSE(response.has_id());

  event.kind = EventKind::kPartial;
  ASSERT_TRUE(response.ParseFromString(riva_live_response(event, {.word_times = true})));
  EXPECT_FALSE(response.results(0).is_final());
  EXPECT_EQ(response.results(0).alternatives(0).transcript(), "two words");
  EXPECT_EQ(response.results(0).alternatives(0).words_size(), 0);
  EXPECT_EQ(response.results(0).alternatives_size(), 1);
}

TEST(Riva, ModelsAreListedOrTheOneThatIsAskedFor) {
  riva::RivaSpeechRecognitionConfigResponse response;
  ASSERT_TRUE(response.ParseFromString(riva_config_response("", served_models())));
  ASSERT_EQ(response.model_config_size(), 2);
  EXPECT_EQ(response.model_config(0).model_name(), "small");
  EXPECT_EQ(response.model_config(1).parameters().at("language_code"), "de");
  riva::RivaSpeechRecognitionConfigRequest request;
  request.set_model_name("german");
  ASSERT_TRUE(
      response.ParseFromString(riva_config_response(request.SerializeAsString(), served_models())));
  ASSERT_EQ(response.model_config_size(), 1);
  EXPECT_EQ(response.model_config(0).model_name(), "german");
  request.set_model_name("none");
  EXPECT_THAT([&] { riva_config_response(request.SerializeAsString(), served_models()); },
              ThrowsMessage<std::runtime_error>(HasSubstr("\"small\"")));
}

}  // namespace
}  // namespace harpy
