#include "service/protocols/deepgram_results.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include <boost/json.hpp>

#include "service/json/json_text.hpp"

namespace harpy {

namespace json = boost::json;

namespace {

constexpr int kDeepgramTimeDecimals = 3;
constexpr int kDeepgramConfidenceDecimals = 6;

double seconds_of(double time_s) { return rounded(time_s, kDeepgramTimeDecimals); }

/// The mean confidence of those words that were said within that time; 0 where they have none.
double confidence_within(std::span<const RecognizedWord> words, double start_s, double end_s) {
  double sum = 0.0;
  int count = 0;
  for (const RecognizedWord& word : words) {
    if (word.start_s < start_s || word.end_s > end_s) continue;
    sum += word.confidence.value_or(0.0);
    ++count;
  }
  return count == 0 ? 0.0 : rounded(sum / count, kDeepgramConfidenceDecimals);
}

json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

/// Of which channel a message is, and of how many.
json::array channel_index(const DeepgramContext& context) {
  return {context.channel, context.channel_count};
}

}  // namespace

json::object deepgram_alternative(const SessionEvent& event, bool written) {
  const std::vector<RecognizedWord>& shown = written ? event.shown_words() : event.words;
  json::array words;
  for (const RecognizedWord& word : shown) {
    json::object item;
    item["word"] = word.text;
    item["start"] = seconds_of(word.start_s);
    item["end"] = seconds_of(word.end_s);
    item["confidence"] = confidence_within(event.words, word.start_s, word.end_s);
    if (written) item["punctuated_word"] = word.text;
    words.push_back(std::move(item));
  }
  json::object alternative;
  alternative["transcript"] = joined_text(shown);
  alternative["confidence"] =
      event.words.empty()
          ? 0.0
          : confidence_within(event.words, event.words.front().start_s, event.words.back().end_s);
  alternative["words"] = std::move(words);
  return alternative;
}

json::object deepgram_model_info(const ServedModel& model) {
  return {{"name", model.name}, {"version", model.version}, {"arch", "harpy"}};
}

RefusalText word_deepgram_refusal(const Refusal& refusal, const ClientRequest& request) {
  static constexpr std::array<std::pair<int, std::string_view>, 5> kCodes{{
      {400, "Bad Request"},
      {401, "INVALID_AUTH"},
      {404, "NOT_FOUND"},
      {429, "TOO_MANY_REQUESTS"},
      {503, "SERVICE_UNAVAILABLE"},
  }};
  const auto* const code = std::find_if(
      kCodes.begin(), kCodes.end(), [&](const auto& item) { return item.first == refusal.status; });
  json::object body;
  body["err_code"] = view(code == kCodes.end() ? "ERROR" : code->second);
  body["err_msg"] = refusal.reason;
  body["request_id"] = request.id;
  return {.body = json_line(body), .content_type = "application/json"};
}

std::string deepgram_results(const SessionEvent& event, const DeepgramSlice& slice,
                             const DeepgramContext& context) {
  json::object metadata;
  metadata["request_id"] = context.request_id;
  metadata["model_info"] = deepgram_model_info(context.model);
  metadata["model_uuid"] = view(kDeepgramModelUuid);
  json::object message;
  message["type"] = "Results";
  message["channel_index"] = channel_index(context);
  message["duration"] = seconds_of(event.end_s - event.start_s);
  message["start"] = seconds_of(event.start_s);
  message["is_final"] = slice.is_final;
  message["speech_final"] = slice.speech_final;
  message["channel"] =
      json::object{{"alternatives", json::array{deepgram_alternative(event, context.written)}}};
  message["metadata"] = std::move(metadata);
  message["from_finalize"] = slice.from_finalize;
  return json_line(message);
}

std::string deepgram_speech_started(double time_s, const DeepgramContext& context) {
  return json_line(json::object{{"type", "SpeechStarted"},
                                {"channel", channel_index(context)},
                                {"timestamp", seconds_of(time_s)}});
}

std::string deepgram_utterance_end(double last_word_end_s, const DeepgramContext& context) {
  return json_line(json::object{{"type", "UtteranceEnd"},
                                {"channel", channel_index(context)},
                                {"last_word_end", seconds_of(last_word_end_s)}});
}

std::string deepgram_metadata(double duration_s, const DeepgramContext& context) {
  json::object message;
  message["type"] = "Metadata";
  message["transaction_key"] = "deprecated";
  message["request_id"] = context.request_id;
  message["sha256"] = "";
  message["created"] = context.created_at;
  message["duration"] = seconds_of(duration_s);
  message["channels"] = context.channel_count;
  return json_line(message);
}

std::string deepgram_error(std::string_view code, std::string_view description) {
  return json_line(json::object{{"type", "Error"},
                                {"variant", view(code)},
                                {"description", view(description)},
                                {"message", view(description)}});
}

}  // namespace harpy
