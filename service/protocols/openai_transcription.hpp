#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/protocols/upload_protocol.hpp"

namespace harpy {

/// Forms of OpenAI's answers to a transcription (docs/protocols.md).
enum class OpenAiFormat { kJson, kText, kSrt, kVerboseJson, kVtt };

/// What a client asks for in the form of POST /v1/audio/transcriptions.
struct OpenAiTranscription {
  std::string model;  ///< empty: not said, which is an error
  std::vector<std::string> languages = {};
  OpenAiFormat format = OpenAiFormat::kJson;
  bool is_streamed = false;
  bool has_words = false;     ///< whether verbose_json lists words
  bool has_segments = false;  ///< likewise segments; without both: segments
  bool is_written = false;    ///< extension: the written form in place of the spoken words
  std::vector<HotPhrase> hot_phrases = {};
};

/// Takes a field of the form, whose order clients choose. Fields that nobody knows are ignored, and
/// so are those that concern other kinds of recognisers (temperature, chunking_strategy, include).
/// Errors: RequestFault naming the field.
void set_openai_field(OpenAiTranscription& request, std::string_view name, std::string_view value);

/// The model that the request asks for.
/// Errors: RequestFault for what is missing, does not go together or is not the model's.
const ServedModel& check_openai_request(const OpenAiTranscription& request,
                                        const ProtocolSettings& settings);

/// The model that goes by a name: its own, or, for programs that know no others, one of OpenAI's
/// recognisers, which means the usual model; nullptr: there is none.
const ServedModel* find_openai_model(const ProtocolSettings& settings, std::string_view name);

/// Errors: RequestFault saying that there is no model of that name.
[[noreturn]] void refuse_openai_model(const ProtocolSettings& settings, std::string_view name);

}  // namespace harpy
