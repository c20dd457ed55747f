#include "service/protocols/deepgram_request.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <string_view>

#include "service/recognizer/steering_request.hpp"

namespace harpy {

namespace {

constexpr double kLeastDeepgramRateHz = 4000.0;
constexpr double kMostDeepgramRateHz = 192000.0;
constexpr double kMostChannels = 8.0;
constexpr double kMostMilliseconds = 3'600'000.0;
constexpr double kLeastUtteranceEndMs = 1000.0;  ///< Deepgram's own
constexpr double kLeastEndpointS = 0.1;
constexpr double kNoEndpointS = 3600.0;
constexpr double kMostBoost = 20.0;

/// How the names of Deepgram's own models begin.
constexpr std::array<std::string_view, 7> kDeepgramModels{"nova", "flux",    "enhanced", "base",
                                                          "2-",   "general", "whisper"};

/// Parameters whose absence in the answer a client would not notice, or would take for a fact.
constexpr std::array<std::string_view, 6> kRefused{"callback", "diarize", "profanity_filter",
                                                   "redact",   "replace", "search"};

[[noreturn]] void refuse_parameter(const QueryParameter& parameter, std::string_view expected) {
  throw std::runtime_error(parameter.name + ": expected " + std::string(expected));
}

bool flag_in(const QueryParameter& parameter) {
  if (parameter.value == "true" || parameter.value == "1" || parameter.value.empty()) return true;
  if (parameter.value == "false" || parameter.value == "0") return false;
  refuse_parameter(parameter, "true or false");
}

double number_in(const QueryParameter& parameter, double least, double most) {
  const std::string& text = parameter.value;
  double number = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  if (!is_whole || !(number >= least && number <= most)) {
    refuse_parameter(parameter, "a number from " + std::to_string(static_cast<long>(least)) +
                                    " to " + std::to_string(static_cast<long>(most)));
  }
  return number;
}

/// "word" or "word:intensifier"; an intensifier of 1 is what a hot phrase has by default.
HotPhrase keyword_in(const QueryParameter& parameter) {
  const std::size_t colon = parameter.value.rfind(':');
  if (colon == std::string::npos) return {.text = parameter.value};
  const double intensifier =
      number_in({parameter.name, parameter.value.substr(colon + 1)}, -100.0, 100.0);
  return {.text = parameter.value.substr(0, colon),
          .boost = std::clamp(intensifier * HotPhrase{}.boost, -kMostBoost, kMostBoost)};
}

void read_parameter(const QueryParameter& parameter, DeepgramRequest& request) {
  const std::string& name = parameter.name;
  if (name == "encoding") {
    request.encoding = parameter.value;
  } else if (name == "sample_rate") {
    request.sample_rate_hz = number_in(parameter, kLeastDeepgramRateHz, kMostDeepgramRateHz);
  } else if (name == "channels") {
    request.channel_count = static_cast<int>(number_in(parameter, 1.0, kMostChannels));
  } else if (name == "multichannel") {
    request.multichannel = flag_in(parameter);
  } else if (name == "model") {
    request.model = parameter.value;
  } else if (name == "language") {
    request.language = parameter.value;
  } else if (name == "interim_results") {
    request.interim_results = flag_in(parameter);
  } else if (name == "vad_events") {
    request.speech_starts = flag_in(parameter);
  } else if (name == "smart_format" || name == "numerals") {
    request.written = flag_in(parameter) || request.written;
  } else if (name == "endpointing") {
    request.endpoints = parameter.value != "false";
    if (request.endpoints && parameter.value != "true") {
      request.endpoint_s = number_in(parameter, 0.0, kMostMilliseconds) / 1000.0;
    }
  } else if (name == "utterance_end_ms") {
    request.utterance_end_s =
        number_in(parameter, kLeastUtteranceEndMs, kMostMilliseconds) / 1000.0;
  } else if (name == "keyterm") {
    request.steering.hot_phrases.push_back({.text = parameter.value});
  } else if (name == "keywords") {
    request.steering.hot_phrases.push_back(keyword_in(parameter));
  } else if (std::find(kRefused.begin(), kRefused.end(), name) != kRefused.end()) {
    if (parameter.value != "false") refuse_parameter(parameter, "nothing: it is not supported");
  } else {
    request.ignored.push_back(name);
  }
}

std::string_view primary_language(std::string_view tag) {
  return tag.substr(0, tag.find_first_of("-_"));
}

}  // namespace

DeepgramRequest parse_deepgram_request(const ClientRequest& request) {
  DeepgramRequest read;
  for (const QueryParameter& parameter : request.query) read_parameter(parameter, read);
  try {
    check_steering_request(read.steering);
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(error.what());
  }
  return read;
}

PcmCoding deepgram_coding(const DeepgramRequest& request) {
  if (request.encoding == "linear16") return PcmCoding::kS16;
  if (request.encoding == "linear32") return PcmCoding::kFloat32;
  if (request.encoding == "mulaw") return PcmCoding::kMuLaw;
  if (request.encoding == "alaw") return PcmCoding::kALaw;
  throw std::runtime_error(
      "encoding: live audio must be raw: expected linear16, linear32, mulaw or alaw; recordings in "
      "containers and compressed ones are taken by POST");
}

const ServedModel& deepgram_model(const DeepgramRequest& request,
                                  const ProtocolSettings& settings) {
  const ServedModel* model = settings.find_model(request.model);
  const bool is_any =
      request.model.empty() ||
      std::any_of(kDeepgramModels.begin(), kDeepgramModels.end(),
                  [&](std::string_view beginning) { return request.model.starts_with(beginning); });
  if (model == nullptr && is_any) model = &settings.model;
  if (model == nullptr) {
    throw std::runtime_error("model: expected one of " + settings.model_names());
  }
  const bool is_any_language =
      request.language.empty() || request.language == "multi" || model->language.empty();
  if (!is_any_language && primary_language(request.language) != primary_language(model->language)) {
    throw std::runtime_error("language: the model's is " + model->language);
  }
  return *model;
}

EndpointTimes deepgram_endpoint_times(const DeepgramRequest& request, const EndpointTimes& usual) {
  EndpointTimes times = usual;
  if (request.endpoint_s) times.end_s = std::max(*request.endpoint_s, kLeastEndpointS);
  if (!request.endpoints) times.end_s = kNoEndpointS;
  return times;
}

}  // namespace harpy
