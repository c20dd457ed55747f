#include "service/protocols/riva.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <stdexcept>

#include <google/protobuf/stubs/logging.h>

#include "riva.pb.h"
#include "service/recognizer/steering_request.hpp"

namespace harpy {

namespace riva = nvidia::riva::asr;

namespace {

constexpr int kLeastRivaRateHz = 4000;
constexpr int kMostRivaRateHz = 192000;
constexpr int kMostRivaChannels = 8;
constexpr int kMostRivaAlternatives = 100;
constexpr int kMostStopHistoryMs = 3'600'000;
constexpr double kLeastRivaEndpointS = 0.1;
constexpr double kMostRivaBoost = 20.0;
constexpr double kMillisecondsPerSecond = 1000.0;

[[noreturn]] void refuse_riva_field(std::string_view field, std::string_view expected) {
  throw std::runtime_error(std::string(field) + ": expected " + std::string(expected));
}

/// Refuses a number outside its range; 0 says nothing and is taken.
void check_number(std::string_view field, int value, int least, int most) {
  if (value == 0 || (value >= least && value <= most)) return;
  refuse_riva_field(field,
                    "a number from " + std::to_string(least) + " to " + std::to_string(most));
}

/// The library would write a line to standard error for each text that is not UTF-8, and wait until
/// somebody reads it.
template <typename Message>
Message parsed(std::string_view bytes) {
  [[maybe_unused]] static auto* const kSilenced = google::protobuf::SetLogHandler(nullptr);
  Message message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    throw std::runtime_error("the message is not one of nvidia.riva.asr");
  }
  return message;
}

std::optional<PcmCoding> coding_of(riva::AudioEncoding encoding) {
  switch (encoding) {
    case riva::LINEAR_PCM:
      return PcmCoding::kS16;
    case riva::MULAW:
      return PcmCoding::kMuLaw;
    case riva::ALAW:
      return PcmCoding::kALaw;
    case riva::ENCODING_UNSPECIFIED:
    case riva::FLAC:
    case riva::OGGOPUS:
      return std::nullopt;
    default:
      refuse_riva_field("encoding", "LINEAR_PCM, FLAC, MULAW, OGGOPUS or ALAW");
  }
}

SteeringRequest steering_of(const riva::RecognitionConfig& config) {
  SteeringRequest steering;
  for (const riva::SpeechContext& context : config.speech_contexts()) {
    if (!std::isfinite(context.boost())) refuse_riva_field("speech_contexts.boost", "a number");
    for (const std::string& phrase : context.phrases()) {
      HotPhrase hot{.text = phrase};
      if (context.boost() != 0.0F) {
        hot.boost =
            std::clamp(static_cast<double>(context.boost()), -kMostRivaBoost, kMostRivaBoost);
      }
      steering.hot_phrases.push_back(std::move(hot));
    }
  }
  try {
    check_steering_request(steering);
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error("speech_contexts: " + std::string(error.what()));
  }
  return steering;
}

RivaSettings settings_of(const riva::RecognitionConfig& config) {
  check_number("sample_rate_hertz", config.sample_rate_hertz(), kLeastRivaRateHz, kMostRivaRateHz);
  check_number("audio_channel_count", config.audio_channel_count(), 1, kMostRivaChannels);
  check_number("max_alternatives", config.max_alternatives(), 1, kMostRivaAlternatives);
  const auto refuse_if = [](bool is_asked_for, std::string_view field) {
    if (is_asked_for) refuse_riva_field(field, "false: it is not supported");
  };
  refuse_if(config.profanity_filter(), "profanity_filter");
  refuse_if(config.diarization_config().enable_speaker_diarization(),
            "diarization_config.enable_speaker_diarization");
  refuse_if(config.enable_separate_recognition_per_channel(),
            "enable_separate_recognition_per_channel");
  RivaSettings settings{.coding = coding_of(config.encoding()),
                        .channel_count = std::max(config.audio_channel_count(), 1),
                        .language = config.language_code(),
                        .model = config.model(),
                        .max_alternatives = std::max(config.max_alternatives(), 1),
                        .word_times = config.enable_word_time_offsets(),
                        .verbatim = config.verbatim_transcripts(),
                        .steering = steering_of(config)};
  if (config.sample_rate_hertz() != 0) settings.sample_rate_hz = config.sample_rate_hertz();
  if (config.endpointing_config().has_stop_history()) {
    const int stop_ms = config.endpointing_config().stop_history();
    check_number("endpointing_config.stop_history", stop_ms, 1, kMostStopHistoryMs);
    if (stop_ms != 0) {
      settings.endpoint_s = std::max(stop_ms / kMillisecondsPerSecond, kLeastRivaEndpointS);
    }
  }
  return settings;
}

int milliseconds(double seconds) {
  return static_cast<int>(std::lround(seconds * kMillisecondsPerSecond));
}

float mean_confidence(std::span<const RecognizedWord> words) {
  double sum = 0.0;
  for (const RecognizedWord& word : words) sum += word.confidence.value_or(0.0);
  return words.empty() ? 0.0F : static_cast<float>(sum / static_cast<double>(words.size()));
}

/// The words of a final that were said within a time.
std::vector<RecognizedWord> words_within(const SessionEvent& event, const RecognizedWord& shown) {
  std::vector<RecognizedWord> said;
  for (const RecognizedWord& word : event.words) {
    if (word.start_s >= shown.start_s && word.end_s <= shown.end_s) said.push_back(word);
  }
  return said;
}

/// The best alternative, and of a final further ones.
template <typename Result>
void add_alternatives(const SessionEvent& event, const RivaForm& form, Result& result) {
  const bool is_final = event.kind == EventKind::kFinal;
  const std::vector<RecognizedWord>& shown = form.written ? event.shown_words() : event.words;
  riva::SpeechRecognitionAlternative& best = *result.add_alternatives();
  best.set_transcript(joined_text(shown));
  if (!is_final) return;
  best.set_confidence(mean_confidence(event.words));
  if (form.word_times) {
    for (const RecognizedWord& word : shown) {
      riva::WordInfo& item = *best.add_words();
      item.set_word(word.text);
      item.set_start_time(milliseconds(word.start_s));
      item.set_end_time(milliseconds(word.end_s));
      item.set_confidence(mean_confidence(words_within(event, word)));
    }
  }
  for (std::size_t index = 1; index < event.alternatives.size(); ++index) {
    if (result.alternatives_size() >= form.max_alternatives) break;
    const Alternative& other = event.alternatives[index];
    riva::SpeechRecognitionAlternative& item = *result.add_alternatives();
    item.set_transcript(joined_text(other.words));
    item.set_confidence(static_cast<float>(other.probability));
  }
}

std::string_view primary_subtag(std::string_view tag) {
  return tag.substr(0, tag.find_first_of("-_"));
}

}  // namespace

RivaMessage parse_riva_live_message(std::string_view bytes) {
  auto message = parsed<riva::StreamingRecognizeRequest>(bytes);
  RivaMessage read{.id = message.id().value()};
  if (message.has_streaming_config()) {
    read.settings = settings_of(message.streaming_config().config());
    read.settings->interim_results = message.streaming_config().interim_results();
  }
  read.audio = std::move(*message.mutable_audio_content());
  return read;
}

RivaMessage parse_riva_recording(std::string_view bytes) {
  auto message = parsed<riva::RecognizeRequest>(bytes);
  return {.settings = settings_of(message.config()),
          .audio = std::move(*message.mutable_audio()),
          .id = message.id().value()};
}

const ServedModel& riva_model(const RivaSettings& settings, const ProtocolSettings& served) {
  const ServedModel* const model =
      settings.model.empty() ? &served.model : served.find_model(settings.model);
  if (model == nullptr) refuse_riva_field("model", "one of " + served.model_names());
  const bool is_any =
      settings.language.empty() || settings.language == "multi" || model->language.empty();
  if (!is_any && primary_subtag(settings.language) != primary_subtag(model->language)) {
    refuse_riva_field("language_code", "the model's, " + model->language);
  }
  return *model;
}

SessionOptions riva_session_options(const RivaSettings& settings, const ServedModel& model,
                                    const EndpointTimes& usual) {
  SessionOptions options{
      .model = model.name,
      .partials = settings.interim_results,
      .endpoint_times = usual,
      .steering = settings.steering,
      .confidences = true,
      .max_alternatives = settings.max_alternatives > 1 ? settings.max_alternatives : 0,
      .written = !settings.verbatim && model.has_written_form};
  if (settings.endpoint_s) options.endpoint_times.end_s = *settings.endpoint_s;
  return options;
}

std::string riva_live_response(const SessionEvent& event, const RivaForm& form) {
  riva::StreamingRecognizeResponse response;
  riva::StreamingRecognitionResult& result = *response.add_results();
  add_alternatives(event, form, result);
  result.set_is_final(event.kind == EventKind::kFinal);
  result.set_channel_tag(1);
  result.set_audio_processed(static_cast<float>(event.end_s));
  if (!form.id.empty()) response.mutable_id()->set_value(form.id);
  return response.SerializeAsString();
}

std::string riva_recording_response(const std::vector<SessionEvent>& finals, const RivaForm& form) {
  riva::RecognizeResponse response;
  for (const SessionEvent& event : finals) {
    riva::SpeechRecognitionResult& result = *response.add_results();
    add_alternatives(event, form, result);
    result.set_channel_tag(1);
    result.set_audio_processed(static_cast<float>(event.end_s));
  }
  if (!form.id.empty()) response.mutable_id()->set_value(form.id);
  return response.SerializeAsString();
}

std::string riva_config_response(std::string_view request, const ProtocolSettings& served) {
  const auto asked = parsed<riva::RivaSpeechRecognitionConfigRequest>(request);
  std::vector<ServedModel> models{served.model};
  models.insert(models.end(), served.other_models.begin(), served.other_models.end());
  riva::RivaSpeechRecognitionConfigResponse response;
  for (const ServedModel& model : models) {
    if (!asked.model_name().empty() && asked.model_name() != model.name) continue;
    auto& item = *response.add_model_config();
    item.set_model_name(model.name);
    auto& parameters = *item.mutable_parameters();
    parameters["language_code"] = model.language;
    parameters["version"] = model.version;
    parameters["streaming"] = "True";
    parameters["type"] = "online";
  }
  if (response.model_config_size() == 0) {
    refuse_riva_field("model_name", "one of " + served.model_names());
  }
  return response.SerializeAsString();
}

}  // namespace harpy
