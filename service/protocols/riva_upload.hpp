#pragma once

#include <string_view>
#include <utility>

#include "service/protocols/riva.hpp"
#include "service/protocols/upload_protocol.hpp"

namespace harpy {

/// Riva's Recognize: the body is one RecognizeRequest, which comes at once, and the answer's body a
/// RecognizeResponse, or where it fails the reason.
class RivaUpload : public UploadProtocol {
 public:
  explicit RivaUpload(ProtocolSettings served) : served_(std::move(served)) {}

  void take_body(std::string_view bytes, const Recording& recording) override;
  SessionOptions end_body() override { return options_; }

  HttpAnswer answer(const UploadTranscript& transcript) override;
  HttpAnswer answer(const RequestFault& fault) const override;

 private:
  const ProtocolSettings served_;
  SessionOptions options_;
  RivaForm form_;
};

}  // namespace harpy
