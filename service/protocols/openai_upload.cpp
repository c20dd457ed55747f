#include "service/protocols/openai_upload.hpp"

#include <utility>

#include "service/protocols/openai_answers.hpp"

namespace harpy {
namespace {

constexpr int kBadForm = 400;
constexpr int kFormTooLarge = 413;
constexpr std::string_view kFileField = "file";

MultipartReader make_reader(std::string_view content_type, MultipartReader::Calls calls) {
  try {
    return {content_type, std::move(calls)};
  } catch (const std::runtime_error& error) {
    throw RequestFault(kBadForm, error.what());
  }
}

}  // namespace

OpenAiUpload::OpenAiUpload(std::string_view content_type, ProtocolSettings settings)
    : settings_(std::move(settings)),
      form_(make_reader(content_type, {.begin = [this](const FormPart& part) { begin_part(part); },
                                       .take = [this](std::string_view bytes) { take_part(bytes); },
                                       .end = [this] { end_part(); }})) {}

void OpenAiUpload::take_body(std::string_view bytes, const Recording& recording) {
  recording_ = &recording;
  try {
    form_.take(bytes);
  } catch (const RequestFault&) {
    throw;
  } catch (const std::runtime_error& error) {
    throw RequestFault(kBadForm, error.what());
  }
}

void OpenAiUpload::begin_part(const FormPart& part) {
  part_ = part;
  value_.clear();
  if (part_.name != kFileField) return;
  has_recording_ = true;
  recording_->begin({.name = part_.filename});
}

void OpenAiUpload::take_part(std::string_view bytes) {
  if (part_.name == kFileField) return recording_->take(bytes);
  text_bytes_ += bytes.size();
  if (text_bytes_ > settings_.limits.max_text_bytes) {
    throw RequestFault(kFormTooLarge, "the form's fields besides the file may have " +
                                          std::to_string(settings_.limits.max_text_bytes) +
                                          " bytes together");
  }
  value_ += bytes;
}

void OpenAiUpload::end_part() {
  if (part_.name == kFileField) return;
  set_openai_field(request_, part_.name, value_);
}

SessionOptions OpenAiUpload::end_body() {
  try {
    form_.finish();
  } catch (const std::runtime_error& error) {
    throw RequestFault(kBadForm, error.what());
  }
  if (!has_recording_) throw RequestFault(kBadForm, "file: expected a recording", "file");
  model_ = check_openai_request(request_, settings_);
  return {.model = model_.name,
          .endpoint_times = settings_.endpoint_times,
          .steering = {.hot_phrases = request_.hot_phrases},
          .confidences = request_.format == OpenAiFormat::kVerboseJson,
          .written = request_.is_written};
}

HttpAnswer OpenAiUpload::streamed_head() const { return openai_stream_head(); }

std::string OpenAiUpload::streamed_piece(const SessionEvent& utterance) {
  return openai_delta_event(utterance, !std::exchange(has_sent_piece_, true));
}

HttpAnswer OpenAiUpload::answer(const UploadTranscript& transcript) {
  if (request_.is_streamed) return {.body = openai_last_events(transcript)};
  return openai_answer(request_, transcript, model_);
}

HttpAnswer OpenAiUpload::answer(const RequestFault& fault) const { return openai_error(fault); }

std::string OpenAiUpload::streamed_fault(const RequestFault& fault) const {
  return openai_error_event(fault);
}

}  // namespace harpy
