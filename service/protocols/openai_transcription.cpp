#include "service/protocols/openai_transcription.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "models/files/escaped_text.hpp"
#include "models/files/text_fields.hpp"
#include "service/protocols/hot_phrases.hpp"

namespace harpy {
namespace {

constexpr int kBadField = 400;
constexpr int kNoSuchModel = 404;
constexpr std::size_t kMostShownBytes = 40;

struct NamedOpenAiFormat {
  std::string_view name;
  OpenAiFormat format;
};
constexpr std::array kOpenAiFormats{NamedOpenAiFormat{"json", OpenAiFormat::kJson},
                                    NamedOpenAiFormat{"text", OpenAiFormat::kText},
                                    NamedOpenAiFormat{"srt", OpenAiFormat::kSrt},
                                    NamedOpenAiFormat{"verbose_json", OpenAiFormat::kVerboseJson},
                                    NamedOpenAiFormat{"vtt", OpenAiFormat::kVtt}};

[[noreturn]] void refuse_field(std::string_view name, const std::string& expected,
                               std::string_view value) {
  const std::string field(name);
  throw RequestFault(kBadField,
                     field + ": expected " + expected + ", got \"" +
                         escape_for_line(value.substr(0, kMostShownBytes)) + "\"",
                     field);
}

bool flag_of(std::string_view name, std::string_view value) {
  if (value == "true" || value == "True" || value == "1") return true;
  if (value == "false" || value == "False" || value == "0" || value.empty()) return false;
  refuse_field(name, "true or false", value);
}

OpenAiFormat format_of(std::string_view value) {
  std::string names;
  for (const NamedOpenAiFormat& entry : kOpenAiFormats) {
    if (entry.name == value) return entry.format;
    names += (names.empty() ? "" : ", ") + std::string(entry.name);
  }
  refuse_field("response_format", "one of " + names, value);
}

std::string lower(std::string_view text) {
  std::string letters(text);
  std::transform(letters.begin(), letters.end(), letters.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return letters;
}

/// The language of a BCP 47 tag, without its country.
std::string language_of_tag(std::string_view tag) {
  return lower(tag.substr(0, tag.find_first_of("-_")));
}

}  // namespace

const ServedModel* find_openai_model(const ProtocolSettings& settings, std::string_view name) {
  if (const ServedModel* const model = settings.find_model(name)) return model;
  const bool is_openais =
      name.starts_with("whisper-") ||
      (name.starts_with("gpt-") && name.find("transcribe") != std::string_view::npos);
  return is_openais ? &settings.model : nullptr;
}

void refuse_openai_model(const ProtocolSettings& settings, std::string_view name) {
  throw RequestFault(kNoSuchModel,
                     "the model \"" + escape_for_line(name.substr(0, kMostShownBytes)) +
                         "\" does not exist; this server has " + settings.model_names(),
                     "model");
}

void set_openai_field(OpenAiTranscription& request, std::string_view name, std::string_view value) {
  if (name.ends_with("[]")) name.remove_suffix(2);
  if (name == "model") {
    request.model = value;
  } else if (name == "response_format") {
    request.format = format_of(value);
  } else if (name == "stream") {
    request.is_streamed = flag_of(name, value);
  } else if (name == "written") {
    request.is_written = flag_of(name, value);
  } else if (name == "timestamp_granularities") {
    if (value != "word" && value != "segment") refuse_field(name, "word or segment", value);
    (value == "word" ? request.has_words : request.has_segments) = true;
  } else if (name == "language" || name == "languages") {
    if (!value.empty()) request.languages.emplace_back(value);
  } else if (name == "prompt") {
    const auto phrases = hot_phrases_in(value);
    request.hot_phrases.insert(request.hot_phrases.end(), phrases.begin(), phrases.end());
  } else if (name == "keywords") {
    if (!trim(value).empty()) request.hot_phrases.push_back({.text = std::string(trim(value))});
  } else if (name == "temperature") {
    const auto temperature = parse_double(value);
    if (!temperature || !(*temperature >= 0.0 && *temperature <= 1.0)) {
      refuse_field(name, "a number from 0 to 1", value);
    }
  }
}

const ServedModel& check_openai_request(const OpenAiTranscription& request,
                                        const ProtocolSettings& settings) {
  if (request.model.empty()) throw RequestFault(kBadField, "model: expected a name", "model");
  const ServedModel* const found = find_openai_model(settings, request.model);
  if (found == nullptr) refuse_openai_model(settings, request.model);
  const ServedModel& model = *found;
  for (const std::string& language : request.languages) {
    if (language_of_tag(language) == language_of_tag(model.language)) continue;
    refuse_field("language", "\"" + model.language + "\", the language of the model " + model.name,
                 language);
  }
  const bool can_be_streamed =
      request.format == OpenAiFormat::kJson || request.format == OpenAiFormat::kText;
  if (request.is_streamed && !can_be_streamed) {
    throw RequestFault(kBadField, "response_format: expected json or text with stream",
                       "response_format");
  }
  if (request.is_written && !model.has_written_form) {
    throw RequestFault(kBadField, "written: the model " + model.name + " has no written form",
                       "written");
  }
  return model;
}

}  // namespace harpy
