#pragma once

#include <string>

#include "service/protocols/multipart_reader.hpp"
#include "service/protocols/openai_transcription.hpp"

namespace harpy {

/// OpenAI's POST /v1/audio/transcriptions: a form with a recording as its field "file".
class OpenAiUpload : public UploadProtocol {
 public:
  /// `content_type` is the request's. Errors: RequestFault if it is no form.
  OpenAiUpload(std::string_view content_type, ProtocolSettings settings);
  OpenAiUpload(const OpenAiUpload&) = delete;
  OpenAiUpload& operator=(const OpenAiUpload&) = delete;

  void take_body(std::string_view bytes, const Recording& recording) override;
  SessionOptions end_body() override;

  bool is_streamed() const override { return request_.is_streamed; }
  HttpAnswer streamed_head() const override;
  std::string streamed_piece(const SessionEvent& utterance) override;

  HttpAnswer answer(const UploadTranscript& transcript) override;
  HttpAnswer answer(const RequestFault& fault) const override;
  std::string streamed_fault(const RequestFault& fault) const override;

 private:
  void begin_part(const FormPart& part);
  void take_part(std::string_view bytes);
  void end_part();

  const ProtocolSettings settings_;
  MultipartReader form_;
  const Recording* recording_ = nullptr;  ///< while a body is taken
  FormPart part_;
  std::string value_;  ///< of the part, if it is no recording
  std::size_t text_bytes_ = 0;
  OpenAiTranscription request_;
  ServedModel model_;  ///< that it asks for
  bool has_recording_ = false;
  bool has_sent_piece_ = false;
};

}  // namespace harpy
