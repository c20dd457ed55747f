#include "service/protocols/deepgram_upload.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "service/json/json_text.hpp"
#include "service/protocols/deepgram_results.hpp"

namespace harpy {

namespace json = boost::json;

namespace {

constexpr int kBadQuery = 400;
constexpr double kUsualRawRateHz = 16000.0;

/// How the samples of a recording are coded that has no header; nothing: it has one.
std::optional<PcmFormat> raw_format(const DeepgramRequest& request) {
  constexpr std::array<std::string_view, 4> kRawEncodings{"linear16", "linear32", "mulaw", "alaw"};
  for (const std::string_view encoding : kRawEncodings) {
    if (request.encoding != encoding) continue;
    const double rate_hz = request.sample_rate_hz.value_or(kUsualRawRateHz);
    return PcmFormat{.coding = deepgram_coding(request),
                     .sample_rate_hz = static_cast<int>(rate_hz),
                     .channel_count = request.channel_count};
  }
  return std::nullopt;
}

/// All utterances as one.
SessionEvent joined(const std::vector<SessionEvent>& utterances) {
  SessionEvent all;
  for (const SessionEvent& utterance : utterances) {
    all.words.insert(all.words.end(), utterance.words.begin(), utterance.words.end());
    const std::vector<RecognizedWord>& shown = utterance.shown_words();
    all.written.insert(all.written.end(), shown.begin(), shown.end());
  }
  return all;
}

/// An utterance of a transcript.
struct Utterance {
  std::size_t channel = 0;
  const SessionEvent* event = nullptr;
};

/// The utterances of all channels in the order in which they begin.
std::vector<Utterance> by_start(const UploadTranscript& transcript) {
  std::vector<Utterance> all;
  for (std::size_t channel = 0; channel < transcript.channels.size(); ++channel) {
    for (const SessionEvent& event : transcript.channels[channel]) all.push_back({channel, &event});
  }
  std::stable_sort(all.begin(), all.end(), [](const Utterance& a, const Utterance& b) {
    return a.event->words.front().start_s < b.event->words.front().start_s;
  });
  return all;
}

}  // namespace

DeepgramUpload::DeepgramUpload(const ClientRequest& client, std::string_view content_type,
                               const ProtocolSettings& settings)
    : client_(client), settings_(settings), is_json_(content_type.starts_with("application/json")) {
  try {
    request_ = parse_deepgram_request(client);
    model_ = deepgram_model(request_, settings);
  } catch (const std::runtime_error& error) {
    throw RequestFault(kBadQuery, error.what());
  }
  request_.written = request_.written && model_.has_written_form;
  const std::string* const utterances = find_parameter(client, "utterances");
  has_utterances_ = utterances != nullptr && *utterances != "false";
}

void DeepgramUpload::take_body(std::string_view bytes, const Recording& recording) {
  if (is_json_) {
    throw RequestFault(kBadQuery,
                       "recordings are not fetched from a url: send the recording as the body");
  }
  if (!std::exchange(has_begun_, true)) {
    recording.begin({.raw = raw_format(request_), .separate_channels = request_.multichannel});
  }
  recording.take(bytes);
}

SessionOptions DeepgramUpload::end_body() {
  return {.model = model_.name,
          .endpoint_times = deepgram_endpoint_times(request_, settings_.endpoint_times),
          .steering = request_.steering,
          .confidences = true,
          .written = request_.written};
}

HttpAnswer DeepgramUpload::answer(const UploadTranscript& transcript) {
  const json::string_view uuid(kDeepgramModelUuid.data(), kDeepgramModelUuid.size());
  json::object metadata;
  metadata["transaction_key"] = "deprecated";
  metadata["request_id"] = client_.id;
  metadata["sha256"] = "";
  metadata["created"] = json::string(client_.received_at);
  metadata["duration"] = transcript.audio_s;
  metadata["channels"] = transcript.channels.size();
  metadata["models"] = json::array{uuid};
  metadata["model_info"] = json::object{{uuid, deepgram_model_info(model_)}};
  json::array channels;
  for (const std::vector<SessionEvent>& finals : transcript.channels) {
    channels.push_back(json::object{
        {"alternatives", json::array{deepgram_alternative(joined(finals), request_.written)}}});
  }
  json::object results;
  results["channels"] = std::move(channels);
  if (has_utterances_) {
    json::array utterances;
    for (const Utterance& utterance : by_start(transcript)) {
      json::object item = deepgram_alternative(*utterance.event, request_.written);
      item["start"] = utterance.event->words.front().start_s;
      item["end"] = utterance.event->words.back().end_s;
      item["channel"] = utterance.channel;
      item["id"] = client_.id + "-" + std::to_string(utterances.size());
      utterances.push_back(std::move(item));
    }
    results["utterances"] = std::move(utterances);
  }
  return {.body = json_line(
              json::object{{"metadata", std::move(metadata)}, {"results", std::move(results)}})};
}

HttpAnswer DeepgramUpload::answer(const RequestFault& fault) const {
  return deepgram_fault(fault, client_);
}

HttpAnswer deepgram_fault(const RequestFault& fault, const ClientRequest& client) {
  const RefusalText text =
      word_deepgram_refusal({.status = fault.status(), .reason = fault.what()}, client);
  return {.status = fault.status(),
          .body = text.body,
          .content_type = text.content_type,
          .fields = text.fields};
}

}  // namespace harpy
