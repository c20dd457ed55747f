#include "service/protocols/openai_transcription.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harpy {
namespace {

using ::testing::ElementsAre;

ProtocolSettings english() {
  return {.model = {.name = "tiny", .version = "7", .language = "en-US"},
          .other_models = {{.name = "klein", .version = "1", .language = "de"}}};
}

OpenAiTranscription with_field(std::string_view name, std::string_view value) {
  OpenAiTranscription request;
  set_openai_field(request, name, value);
  return request;
}

/// Status, parameter and message of a field that is refused.
std::string refusal_of_field(std::string_view name, std::string_view value) {
  try {
    OpenAiTranscription request = with_field(name, value);
    if (request.model.empty()) request.model = "tiny";
    check_openai_request(request, english());
    return "none";
  } catch (const RequestFault& fault) {
    return std::to_string(fault.status()) + " " + fault.parameter() + ": " + fault.what();
  }
}

std::string refusal_of(const OpenAiTranscription& request) {
  try {
    check_openai_request(request, english());
    return "none";
  } catch (const RequestFault& fault) {
    return std::to_string(fault.status()) + " " + fault.parameter() + ": " + fault.what();
  }
}

TEST(OpenAiTranscription, ReadsEachField) {
  EXPECT_EQ(with_field("model", "whisper-1").model, "whisper-1");
  EXPECT_EQ(with_field("response_format", "json").format, OpenAiFormat::kJson);
  EXPECT_EQ(with_field("response_format", "text").format, OpenAiFormat::kText);
  EXPECT_EQ(with_field("response_format", "srt").format, OpenAiFormat::kSrt);
  EXPECT_EQ(with_field("response_format", "verbose_json").format, OpenAiFormat::kVerboseJson);
  EXPECT_EQ(with_field("response_format", "vtt").format, OpenAiFormat::kVtt);
  EXPECT_TRUE(with_field("stream", "true").is_streamed);
  EXPECT_FALSE(with_field("stream", "false").is_streamed);
  EXPECT_TRUE(with_field("written", "1").is_written);
  EXPECT_TRUE(with_field("timestamp_granularities[]", "word").has_words);
  EXPECT_FALSE(with_field("timestamp_granularities[]", "word").has_segments);
  EXPECT_TRUE(with_field("timestamp_granularities", "segment").has_segments);
  EXPECT_THAT(with_field("keywords[]", " New York ").hot_phrases,
              ElementsAre(HotPhrase{.text = "New York"}));
  for (const char* const ignored : {"include[]", "chunking_strategy", "chunking_strategy[type]"}) {
    EXPECT_EQ(refusal_of_field(ignored, "auto"), "none");
  }
  EXPECT_EQ(refusal_of_field("temperature", "0.5"), "none");
  EXPECT_EQ(refusal_of_field("language", "en"), "none");
  EXPECT_EQ(refusal_of_field("language", "EN-gb"), "none");
  EXPECT_EQ(refusal_of_field("language", ""), "none");
}

TEST(OpenAiTranscription, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(refusal_of_field("response_format", "diarized_json"),
            "400 response_format: response_format: expected one of json, text, srt, verbose_json, "
            "vtt, got \"diarized_json\"");
  EXPECT_EQ(refusal_of_field("stream", "maybe\n"),
            "400 stream: stream: expected true or false, got \"maybe\\n\"");
  EXPECT_EQ(refusal_of_field("temperature", "nan"),
            "400 temperature: temperature: expected a number from 0 to 1, got \"nan\"");
  EXPECT_EQ(refusal_of_field("temperature", "2"),
            "400 temperature: temperature: expected a number from 0 to 1, got \"2\"");
  EXPECT_EQ(refusal_of_field("timestamp_granularities[]", "letter"),
            "400 timestamp_granularities: timestamp_granularities: expected word or segment, got "
            "\"letter\"");
  EXPECT_EQ(refusal_of_field("language", "de"),
            "400 language: language: expected \"en-US\", the language of the model tiny, got "
            "\"de\"");
}

TEST(OpenAiTranscription, ChecksWhatMustBeThereAndGoesTogether) {
  EXPECT_EQ(refusal_of({}), "400 model: model: expected a name");
  EXPECT_EQ(refusal_of({.model = "tiny"}), "none");
  EXPECT_EQ(refusal_of({.model = "whisper-1"}), "none");
  EXPECT_EQ(refusal_of({.model = "gpt-4o-mini-transcribe"}), "none");
  EXPECT_EQ(refusal_of({.model = "gpt-4o"}),
            "404 model: the model \"gpt-4o\" does not exist; this server has \"tiny\", \"klein\"");
  EXPECT_EQ(refusal_of({.model = "tiny", .format = OpenAiFormat::kVtt, .is_streamed = true}),
            "400 response_format: response_format: expected json or text with stream");
  EXPECT_EQ(refusal_of({.model = "tiny", .is_written = true}),
            "400 written: written: the model tiny has no written form");
}

TEST(OpenAiTranscription, TheModelIsTheOneThatIsNamedAndItsLanguageCounts) {
  const ProtocolSettings settings = english();
  EXPECT_EQ(check_openai_request({.model = "klein", .languages = {"de"}}, settings).name, "klein");
  EXPECT_EQ(check_openai_request({.model = "whisper-1"}, settings).name, "tiny");
  EXPECT_EQ(refusal_of({.model = "klein", .languages = {"en"}}),
            "400 language: language: expected \"de\", the language of the model klein, got \"en\"");
}

TEST(OpenAiTranscription, APromptIsReadAsPhrases) {
  EXPECT_THAT(with_field("prompt", "Zyntri, Digique Plus.").hot_phrases,
              ElementsAre(HotPhrase{.text = "Zyntri", .is_hint = true},
                          HotPhrase{.text = "Digique Plus", .is_hint = true}));
}

}  // namespace
}  // namespace harpy
