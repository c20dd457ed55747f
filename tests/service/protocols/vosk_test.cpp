#include "service/protocols/vosk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <random>

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

VoskMessage parse(const std::string& text) { return parse_vosk_message(text, {}); }

std::string error_of(const std::string& text) {
  try {
    parse(text);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

SessionEvent event(EventKind kind, std::vector<RecognizedWord> words) {
  return {.kind = kind, .words = std::move(words), .error = {}};
}

const RecognizedWord kZero{"zero", 0.12, 0.4};
const RecognizedWord kOne{"one", 0.4, 0.75};

TEST(VoskMessages, SampleClientsBytesAreUnderstood) {
  for (const char* text :
       {R"({"eof" : 1})", R"({"eof":1})", R"({"eof":true})", " { \"eof\" : 1.0 }\n"}) {
    const VoskMessage message = parse(text);
    EXPECT_TRUE(message.eof) << text;
    EXPECT_FALSE(message.reset) << text;
    EXPECT_FALSE(message.settings) << text;
  }
  EXPECT_TRUE(parse(R"({"reset" : 1})").reset);
  EXPECT_EQ(parse(R"({ "config" : { "sample_rate" : 16000 } })").settings->sample_rate_hz, 16000.0);
  EXPECT_EQ(parse(R"({"config" : {"sample_rate" : 16000.000000}})").settings->sample_rate_hz,
            16000.0);
}

TEST(VoskMessages, AConfigChangesWhatItNamesAndKeepsTheRest) {
  const VoskSettings current{.sample_rate_hz = 44100.0, .words = false, .max_alternatives = 3};
  EXPECT_EQ(parse_vosk_message(R"({"config":{}})", current).settings, current);
  EXPECT_EQ(
      parse_vosk_message(
          R"({"config":{"words":1,"partial_words":true,"max_alternatives":0,"x":[{}]}})", current)
          .settings,
      (VoskSettings{.sample_rate_hz = 44100.0, .words = true, .partial_words = true}));
  EXPECT_TRUE(parse(R"({"config":{"written":true}})").settings->written);
}

TEST(VoskMessages, NumbersAndFlagsMayBeStringsAsVoskServerTakesThem) {
  const auto settings = [](const std::string& config) {
    return *parse(R"({"config":{)" + config + "}}").settings;
  };
  EXPECT_EQ(settings(R"("sample_rate":"16000")").sample_rate_hz, 16000.0);
  EXPECT_EQ(settings(R"("sample_rate":" 44100.0 ")").sample_rate_hz, 44100.0);
  EXPECT_EQ(settings(R"("max_alternatives":"3")").max_alternatives, 3);
  EXPECT_EQ(settings(R"("max_alternatives":true)").max_alternatives, 1);
  for (const char* yes : {R"("True")", R"("true")", R"("1")", "1", "true"}) {
    EXPECT_TRUE(settings(std::string(R"("partial_words":)") + yes).partial_words) << yes;
  }
  for (const char* no : {R"("False")", R"("false")", R"("0")", "0", "false", "null"}) {
    EXPECT_FALSE(settings(std::string(R"("words":)") + no).words) << no;
  }
  EXPECT_TRUE(parse(R"({"eof":"1"})").eof);
}

TEST(VoskMessages, ABinaryFrameIsAMessageOnlyIfItIsAJsonObjectWithItsKeys) {
  EXPECT_TRUE(is_vosk_message(R"({"eof" : 1})"));
  EXPECT_TRUE(is_vosk_message(" {\"config\":{\"sample_rate\":16000}}\r\n"));
  EXPECT_TRUE(is_vosk_message(R"({"reset":1})"));
  for (const std::string_view audio :
       {std::string_view("{}"), std::string_view("eof"), std::string_view(""),
        std::string_view("{\"eof\":1", 8), std::string_view("{\0\0}", 4),
        std::string_view("[{\"eof\":1}]"), std::string_view("{\"of\":1}")}) {
    EXPECT_FALSE(is_vosk_message(audio)) << audio;
  }
}

TEST(VoskMessages, KeysThatVoskKnowsAndHarpyDoesNotFollowAreNamed) {
  const VoskMessage message = parse(R"({"config":{"nlsml":true,"model":"/etc/passwd","other":1}})");
  EXPECT_THAT(message.ignored_keys, ElementsAre("model", "nlsml"));
}

TEST(VoskMessages, SteeringIsRead) {
  const VoskSettings settings = *parse(R"({"config":{"phrase_list":["zero one","[unk]"],
      "unknown_phone_cost":"2.5","hot_phrases":["a",{"text":"b c","boost":-3}],
      "new_words":["d",{"text":"e","phones":"IY"}],"new_word_cost":5,
      "endpointer":{"t_start_max":4,"t_end":"0.9"}}})")
                                     .settings;
  EXPECT_THAT(settings.steering.phrase_list, ElementsAre("zero one", "[unk]"));
  EXPECT_EQ(settings.steering.unknown_phone_cost, 2.5);
  EXPECT_THAT(settings.steering.hot_phrases,
              ElementsAre(HotPhrase{.text = "a"}, HotPhrase{.text = "b c", .boost = -3.0}));
  EXPECT_THAT(settings.steering.new_words,
              ElementsAre(NewWord{.text = "d"}, NewWord{.text = "e", .phones = "IY"}));
  EXPECT_EQ(settings.steering.new_word_cost, 5.0);
  EXPECT_EQ(settings.endpoint_times, (EndpointTimes{.start_max_s = 4.0, .end_s = 0.9}));
  EXPECT_EQ(parse(R"({"config":{"grammar":"#JSGF"}})").settings->steering.grammar, "#JSGF");
}

TEST(VoskMessages, ImpossibleSteeringIsRefusedByItsField) {
  for (const auto& [config, field] : std::vector<std::pair<std::string, std::string>>{
           {R"("phrase_list":"one")", "phrase_list: "},
           {R"("phrase_list":[1])", "phrase_list: "},
           {R"("phrase_list":["a"],"grammar":"b")", "grammar: "},
           {R"("grammar":1)", "grammar: "},
           {R"("unknown_phone_cost":99)", "unknown_phone_cost: "},
           {R"("hot_phrases":{"a":1})", "hot_phrases: "},
           {R"("hot_phrases":[{"boost":1}])", "hot_phrases: "},
           {R"("hot_phrases":[{"text":"a","boost":"x"}])", "hot_phrases: boost: "},
           {R"("hot_phrases":[{"text":"a","boost":1000}])", "hot_phrases[0] (\"a\"): boost: "},
           {R"("new_words":[{"phones":"A"}])", "new_words: "},
           {R"("new_word_cost":-1)", "new_word_cost: "},
           {R"("endpointer":3)", "endpointer: "},
           {R"("endpointer":{"t_end":0})", "endpointer: t_end: "}}) {
    EXPECT_THAT(error_of("{\"config\":{" + config + "}}"), ::testing::StartsWith(field)) << config;
  }
}

TEST(VoskMessages, FalseValuesAskForNothing) {
  const VoskMessage message = parse(R"({"eof":0,"reset":false,"unknown":1})");
  EXPECT_FALSE(message.eof || message.reset || message.settings);
}

TEST(VoskMessages, OneMessageMayAskForSeveralThings) {
  const VoskMessage message = parse(R"({"config":{"sample_rate":8000},"reset":1,"eof":1})");
  EXPECT_TRUE(message.eof && message.reset && message.settings);
}

TEST(VoskMessages, WhatIsWrongIsSaidClearly) {
  EXPECT_THAT(error_of(""), HasSubstr("not JSON"));
  EXPECT_THAT(error_of("EOS"), HasSubstr("not JSON"));
  EXPECT_THAT(error_of(R"({"eof":1} x)"), HasSubstr("not JSON"));
  EXPECT_THAT(error_of("[1]"), HasSubstr("not a JSON object"));
  EXPECT_THAT(error_of("{}"), HasSubstr("config, reset or eof"));
  EXPECT_THAT(error_of(R"({"config":16000})"), HasSubstr("config: expected an object, got 16000"));
  EXPECT_THAT(error_of(R"({"config":{"sample_rate":"16 kHz"}})"),
              HasSubstr("sample_rate: expected a number from 4000 to 192000, got \"16 kHz\""));
  for (const char* rate : {"0", "-1", "3999.9", "192000.1", "1e300", "18446744073709551615",
                           "\"0\"", "\"nan\"", "\"inf\"", "\"\"", "null", "true"}) {
    EXPECT_THAT(error_of(std::string(R"({"config":{"sample_rate":)") + rate + "}}"),
                HasSubstr("sample_rate: expected"));
  }
  EXPECT_THAT(error_of(R"({"config":{"words":"yes"}})"), HasSubstr("words: expected true or"));
  EXPECT_THAT(error_of(R"({"config":{"max_alternatives":-1}})"), HasSubstr("max_alternatives"));
  EXPECT_THAT(error_of(R"({"config":{"max_alternatives":1e9}})"), HasSubstr("max_alternatives"));
  EXPECT_THAT(error_of(R"({"eof":[]})"), HasSubstr("eof: expected true or false, got []"));
  EXPECT_THAT(error_of(std::string(100, '[')), HasSubstr("not JSON"));
}

TEST(VoskMessages, DamagedMessagesGiveAMessageOrOneError) {
  const std::string whole =
      R"({"config":{"sample_rate":16000.0,"words":true,"max_alternatives":2},"eof":1})";
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string text = whole;
    for (int change = 0; change < 3; ++change) {
      text[random() % text.size()] = static_cast<char>(random());
    }
    text.resize(random() % (text.size() + 1));
    try {
      parse(text);
    } catch (const std::runtime_error& error) {
      EXPECT_STRNE(error.what(), "");
    }
  }
}

TEST(VoskReplies, NothingRecognisedIsAnEmptyPartialAndAnEmptyText) {
  VoskReplies replies;
  EXPECT_EQ(replies.reply_to_audio({}), R"({"partial": ""})");
  EXPECT_EQ(replies.reply_to_end({}), R"({"text": ""})");
  EXPECT_EQ(replies.reply_to_end({.max_alternatives = 2}),
            R"({"alternatives": [{"confidence": 1, "text": ""}]})");
}

TEST(VoskReplies, TheWrittenFormStandsBesideTheText) {
  const auto send = [](VoskReplies& replies) {
    SessionEvent final = event(EventKind::kFinal, {kOne, kZero});
    final.written = {{"10", 0.12, 0.75}};
    replies.accept(final);
    final = event(EventKind::kFinal, {kOne});
    final.written = {kOne};
    replies.accept(final);
  };
  VoskReplies replies;
  send(replies);
  EXPECT_EQ(replies.reply_to_audio({.words = false, .written = true}),
            R"({"text": "one zero one", "written": "10 one"})");
  EXPECT_EQ(replies.reply_to_end({.written = true}), R"({"text": "", "written": ""})");
  send(replies);
  EXPECT_EQ(
      replies.reply_to_end({.words = false, .max_alternatives = 1, .written = true}),
      R"({"alternatives": [{"confidence": 1, "text": "one zero one"}], "written": "10 one"})");
}

TEST(VoskReplies, PartialsShowTheRunningUtteranceUntilItChanges) {
  VoskReplies replies;
  replies.accept(event(EventKind::kPartial, {kZero}));
  EXPECT_EQ(replies.reply_to_audio({}), R"({"partial": "zero"})");
  EXPECT_EQ(replies.reply_to_audio({}), R"({"partial": "zero"})");
  replies.accept(event(EventKind::kPartial, {kZero, kOne}));
  EXPECT_EQ(replies.reply_to_audio({}), R"({"partial": "zero one"})");
}

TEST(VoskReplies, PartialWordsHaveTimesWhenAskedFor) {
  VoskReplies replies;
  EXPECT_EQ(replies.reply_to_audio({.partial_words = true}), R"({"partial": ""})");
  replies.accept(event(EventKind::kPartial, {kZero}));
  EXPECT_EQ(
      replies.reply_to_audio({.partial_words = true}),
      R"({"partial": "zero", "partial_result": [{"conf": 1, "end": 0.4, "start": 0.12, "word": "zero"}]})");
}

TEST(VoskReplies, AFinalIsToldOnceAndThenThePartialsGoOn) {
  VoskReplies replies;
  replies.accept(event(EventKind::kPartial, {kZero}));
  replies.accept(event(EventKind::kFinal, {kZero, kOne}));
  EXPECT_EQ(
      replies.reply_to_audio({}),
      R"({"result": [{"conf": 1, "end": 0.4, "start": 0.12, "word": "zero"}, {"conf": 1, "end": 0.75, "start": 0.4, "word": "one"}], "text": "zero one"})");
  EXPECT_EQ(replies.reply_to_audio({}), R"({"partial": ""})");
}

TEST(VoskReplies, AFinalHidesThePartialOfTheSameFrameForOneReply) {
  VoskReplies replies;
  replies.accept(event(EventKind::kFinal, {kZero}));
  replies.accept(event(EventKind::kPartial, {kOne}));
  EXPECT_EQ(replies.reply_to_audio({.words = false}), R"({"text": "zero"})");
  EXPECT_EQ(replies.reply_to_audio({.words = false}), R"({"partial": "one"})");
}

TEST(VoskReplies, SeveralFinalsBetweenTwoRepliesAreOne) {
  VoskReplies replies;
  replies.accept(event(EventKind::kFinal, {kZero}));
  replies.accept(event(EventKind::kFinal, {kOne}));
  EXPECT_EQ(replies.reply_to_audio({.words = false}), R"({"text": "zero one"})");
  replies.accept(event(EventKind::kFinal, {kOne}));
  replies.accept(event(EventKind::kFinal, {}));
  EXPECT_EQ(replies.reply_to_end({.words = false}), R"({"text": "one"})");
}

TEST(VoskReplies, AnEmptyFinalDoesNotInterruptThePartials) {
  VoskReplies replies;
  replies.accept(event(EventKind::kFinal, {}));
  EXPECT_EQ(replies.reply_to_audio({}), R"({"partial": ""})");
}

TEST(VoskReplies, AlternativesHaveNoConfidencePerWord) {
  VoskReplies replies;
  replies.accept(event(EventKind::kFinal, {kZero}));
  EXPECT_EQ(
      replies.reply_to_audio({.max_alternatives = 3}),
      R"({"alternatives": [{"confidence": 1, "result": [{"end": 0.4, "start": 0.12, "word": "zero"}], "text": "zero"}]})");
  replies.accept(event(EventKind::kFinal, {kZero}));
  EXPECT_EQ(replies.reply_to_end({.words = false, .max_alternatives = 1}),
            R"({"alternatives": [{"confidence": 1, "text": "zero"}]})");
}

TEST(VoskReplies, WordsHaveTheirConfidences) {
  VoskReplies replies;
  RecognizedWord zero = kZero;
  zero.confidence = 0.87654321;
  replies.accept(event(EventKind::kFinal, {zero}));
  EXPECT_EQ(
      replies.reply_to_audio({}),
      R"({"result": [{"conf": 0.876543, "end": 0.4, "start": 0.12, "word": "zero"}], "text": "zero"})");
}

TEST(VoskReplies, AlternativesHaveTheScoresOfTheirPaths) {
  VoskReplies replies;
  SessionEvent final = event(EventKind::kFinal, {kZero});
  final.alternatives = {{{kZero}, -12.5, 0.75}, {{kOne}, -14.0, 0.25}};
  replies.accept(final);
  EXPECT_EQ(
      replies.reply_to_audio({.max_alternatives = 3}),
      R"({"alternatives": [{"confidence": -12.5, "result": [{"end": 0.4, "start": 0.12, "word": "zero"}], "text": "zero"}, {"confidence": -14, "result": [{"end": 0.75, "start": 0.4, "word": "one"}], "text": "one"}]})");
  replies.accept(final);
  replies.accept(final);  // of two utterances: those of one rank behind each other
  EXPECT_EQ(
      replies.reply_to_end({.words = false, .max_alternatives = 2}),
      R"({"alternatives": [{"confidence": -25, "text": "zero zero"}, {"confidence": -28, "text": "one one"}]})");
  replies.accept(final);
  EXPECT_EQ(replies.reply_to_end({.words = false, .max_alternatives = 1}),
            R"({"alternatives": [{"confidence": -12.5, "text": "zero"}]})");
}

TEST(VoskReplies, OtherEventsAreNoReplies) {
  VoskReplies replies;
  replies.accept(event(EventKind::kPartial, {kZero}));
  for (const EventKind kind :
       {EventKind::kProgress, EventKind::kRoom, EventKind::kError, EventKind::kEnd}) {
    replies.accept(event(kind, {}));
  }
  EXPECT_EQ(replies.reply_to_audio({}), R"({"partial": "zero"})");
}

TEST(VoskReplies, WordsAndErrorsAreEscaped) {
  VoskReplies replies;
  replies.accept(event(EventKind::kFinal, {{"say \"\\\n\x01\"", 0.0, 1.0}}));
  const auto value = boost::json::parse(replies.reply_to_end({}));
  EXPECT_EQ(value.at("text").as_string(), "say \"\\\n\x01\"");
  EXPECT_EQ(vosk_error("a \"b\""), R"({"error": "a \"b\""})");
}

}  // namespace
}  // namespace harpy
