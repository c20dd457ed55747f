#pragma once

#include <string>
#include <string_view>

#include "service/protocols/openai_transcription.hpp"

namespace harpy {

/// The answer to a transcription, in the form that was asked for.
HttpAnswer openai_answer(const OpenAiTranscription& request, const UploadTranscript& transcript,
                         const ServedModel& model);

/// The object {"error": {"message", "type", "param", "code"}}.
HttpAnswer openai_error(const RequestFault& fault);

// A streamed answer: server-sent events, one for each utterance, then one with all the text.
HttpAnswer openai_stream_head();
/// `is_first`: whether no other utterance came before.
std::string openai_delta_event(const SessionEvent& utterance, bool is_first);
std::string openai_last_events(const UploadTranscript& transcript);
/// The event that ends a stream that fails.
std::string openai_error_event(const RequestFault& fault);

/// The lists of models, and one of them. Errors: RequestFault for a name that it does not have.
HttpAnswer openai_models(const ProtocolSettings& settings);
HttpAnswer openai_model(const ProtocolSettings& settings, std::string_view name);

}  // namespace harpy
