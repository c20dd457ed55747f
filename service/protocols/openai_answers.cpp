#include "service/protocols/openai_answers.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <boost/json.hpp>

#include "models/files/escaped_text.hpp"
#include "service/json/json_text.hpp"
#include "service/transcript/subtitles.hpp"

namespace harpy {

namespace json = boost::json;

namespace {

constexpr int kUnauthorizedClient = 401;
constexpr int kNotFound = 404;
constexpr int kTooMany = 429;
constexpr int kServersFault = 500;
constexpr const char* kPlainText = "text/plain; charset=utf-8";
constexpr double kLeastConfidence = 1e-4;
constexpr int kDecimals = 3;     ///< of times and confidences
constexpr int kLogDecimals = 4;  ///< of logarithms of confidences

std::string shown_text(const SessionEvent& utterance) {
  return joined_text(utterance.shown_words());
}

std::string whole_text(const UploadTranscript& transcript) {
  std::string text;
  for (const SessionEvent& utterance : transcript.finals()) {
    text += (text.empty() ? "" : " ") + shown_text(utterance);
  }
  return text;
}

/// OpenAI counts whole seconds that have begun.
json::object usage(const UploadTranscript& transcript) {
  return {{"type", "duration"},
          {"seconds", static_cast<std::int64_t>(std::ceil(transcript.audio_s))}};
}

json::array timed_words(const UploadTranscript& transcript) {
  json::array words;
  for (const SessionEvent& utterance : transcript.finals()) {
    for (const RecognizedWord& word : utterance.shown_words()) {
      json::object object{{"word", word.text},
                          {"start", rounded(word.start_s, kDecimals)},
                          {"end", rounded(word.end_s, kDecimals)}};
      if (word.confidence) object["confidence"] = rounded(*word.confidence, kDecimals);
      words.push_back(std::move(object));
    }
  }
  return words;
}

/// The mean of the logarithms of the words' confidences.
double mean_log_confidence(const SessionEvent& utterance) {
  double sum = 0.0;
  for (const RecognizedWord& word : utterance.words) {
    sum += std::log(std::max(word.confidence.value_or(1.0), kLeastConfidence));
  }
  return rounded(sum / static_cast<double>(utterance.words.size()), kLogDecimals);
}

/// All ten fields are required by OpenAI's schema. Those of its own kind of recogniser are constant
/// here: seek, tokens, temperature, compression_ratio and no_speech_prob.
json::array segments(const UploadTranscript& transcript) {
  json::array array;
  for (const SessionEvent& utterance : transcript.finals()) {
    array.push_back({{"id", array.size()},
                     {"seek", 0},
                     {"start", rounded(utterance.words.front().start_s, kDecimals)},
                     {"end", rounded(utterance.words.back().end_s, kDecimals)},
                     {"text", shown_text(utterance)},
                     {"tokens", json::array{}},
                     {"temperature", 0},
                     {"avg_logprob", mean_log_confidence(utterance)},
                     {"compression_ratio", 1},
                     {"no_speech_prob", 0}});
  }
  return array;
}

json::object verbose(const OpenAiTranscription& request, const UploadTranscript& transcript,
                     const ServedModel& model) {
  json::object object{{"task", "transcribe"},
                      {"language", model.language},
                      {"duration", rounded(transcript.audio_s, kDecimals)},
                      {"text", whole_text(transcript)}};
  if (request.has_words) object["words"] = timed_words(transcript);
  if (request.has_segments || !request.has_words) object["segments"] = segments(transcript);
  object["usage"] = usage(transcript);
  return object;
}

json::object error_object(const RequestFault& fault) {
  std::string type = "invalid_request_error";
  const bool is_unauthorized = fault.status() == kUnauthorizedClient;
  if (fault.status() == kTooMany) type = "rate_limit_error";
  if (fault.status() >= kServersFault) type = "server_error";
  json::object error{{"message", escape_invalid_utf8(fault.what())}, {"type", type}};
  error["param"] =
      fault.parameter().empty() ? json::value(nullptr) : json::value(fault.parameter());
  const bool is_model_missing = fault.status() == kNotFound && fault.parameter() == "model";
  error["code"] = nullptr;
  if (is_model_missing) error["code"] = "model_not_found";
  if (is_unauthorized) error["code"] = "invalid_api_key";
  return {{"error", std::move(error)}};
}

/// A server-sent event.
std::string sse_event(const json::object& object) { return "data: " + json_line(object) + "\n\n"; }

json::object model_object(const ServedModel& model) {
  return {{"id", model.name}, {"object", "model"}, {"created", 0}, {"owned_by", "harpy"}};
}

}  // namespace

HttpAnswer openai_answer(const OpenAiTranscription& request, const UploadTranscript& transcript,
                         const ServedModel& model) {
  switch (request.format) {
    case OpenAiFormat::kJson:
      return {.body = json_line(
                  json::object{{"text", whole_text(transcript)}, {"usage", usage(transcript)}})};
    case OpenAiFormat::kText:
      return {.body = whole_text(transcript) + "\n", .content_type = kPlainText};
    case OpenAiFormat::kSrt:
      return {.body = srt_text(make_cues(transcript.finals())), .content_type = kPlainText};
    case OpenAiFormat::kVerboseJson:
      return {.body = json_line(verbose(request, transcript, model))};
    case OpenAiFormat::kVtt:
      return {.body = vtt_text(make_cues(transcript.finals())),
              .content_type = "text/vtt; charset=utf-8"};
  }
  throw std::invalid_argument("openai_answer: no such format");
}

HttpAnswer openai_error(const RequestFault& fault) {
  return {.status = fault.status(), .body = json_line(error_object(fault))};
}

HttpAnswer openai_stream_head() { return {.content_type = "text/event-stream"}; }

std::string openai_delta_event(const SessionEvent& utterance, bool is_first) {
  return sse_event({{"type", "transcript.text.delta"},
                    {"delta", (is_first ? "" : " ") + shown_text(utterance)}});
}

std::string openai_last_events(const UploadTranscript& transcript) {
  return sse_event({{"type", "transcript.text.done"},
                    {"text", whole_text(transcript)},
                    {"usage", usage(transcript)}}) +
         "data: [DONE]\n\n";
}

std::string openai_error_event(const RequestFault& fault) {
  json::object event = error_object(fault);
  event["type"] = "error";
  return sse_event(event);
}

HttpAnswer openai_models(const ProtocolSettings& settings) {
  json::array models{model_object(settings.model)};
  for (const ServedModel& other : settings.other_models) models.push_back(model_object(other));
  return {.body = json_line(json::object{{"object", "list"}, {"data", std::move(models)}})};
}

HttpAnswer openai_model(const ProtocolSettings& settings, std::string_view name) {
  const ServedModel* const model = find_openai_model(settings, name);
  if (model == nullptr) refuse_openai_model(settings, name);
  return {.body = json_line(model_object(*model))};
}

}  // namespace harpy
