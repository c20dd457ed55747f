#pragma once

#include <string>

#include "service/protocols/deepgram_request.hpp"
#include "service/protocols/upload_protocol.hpp"

namespace harpy {

/// Deepgram's POST /v1/listen: a recording as the body, settings in the query.
class DeepgramUpload : public UploadProtocol {
 public:
  /// `content_type` is the request's. Errors: RequestFault for impossible settings.
  DeepgramUpload(const ClientRequest& client, std::string_view content_type,
                 const ProtocolSettings& settings);

  void take_body(std::string_view bytes, const Recording& recording) override;
  SessionOptions end_body() override;

  HttpAnswer answer(const UploadTranscript& transcript) override;
  HttpAnswer answer(const RequestFault& fault) const override;

 private:
  const ClientRequest client_;
  const ProtocolSettings settings_;
  DeepgramRequest request_;
  ServedModel model_;            ///< that it asks for
  bool has_utterances_ = false;  ///< whether the answer lists them
  bool is_json_ = false;         ///< the body is no recording
  bool has_begun_ = false;
};

/// The answer to a request to Deepgram's paths that cannot be followed.
HttpAnswer deepgram_fault(const RequestFault& fault, const ClientRequest& client);

}  // namespace harpy
