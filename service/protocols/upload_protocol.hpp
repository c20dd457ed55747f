#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/audio/pcm.hpp"
#include "service/protocols/protocol.hpp"
#include "service/recognizer/recognizer_options.hpp"
#include "service/recognizer/session_event.hpp"

namespace harpy {

/// An answer to an HTTP request.
struct HttpAnswer {
  int status = 200;
  std::string body = {};
  std::string content_type = "application/json";
  std::string fields = {};  ///< further header lines, each with its end
};

/// A request that cannot be followed, with what its client is told.
class RequestFault : public std::runtime_error {
 public:
  /// `parameter`: which of the request's parameters is at fault; empty: none in particular.
  RequestFault(int status, const std::string& what, std::string parameter = "")
      : std::runtime_error(what), status_(status), parameter_(std::move(parameter)) {}

  int status() const { return status_; }
  const std::string& parameter() const { return parameter_; }

 private:
  int status_;
  std::string parameter_;
};

/// What a client says of its recording before it sends it.
struct UploadedFile {
  std::string name = {};              ///< as the client calls it; may be empty
  std::optional<PcmFormat> raw = {};  ///< of samples without a header
  bool separate_channels = false;  ///< whether each is recognised for itself; else they are mixed
};

/// What was recognised in a recording.
struct UploadTranscript {
  /// Of each channel that was recognised for itself its utterances in order, empty ones left out.
  std::vector<std::vector<SessionEvent>> channels = std::vector<std::vector<SessionEvent>>(1);
  double audio_s = 0.0;  ///< length of the recording

  /// Those of a recording whose channels are mixed.
  const std::vector<SessionEvent>& finals() const { return channels.front(); }
};

/// How a protocol takes a recording in the body of an HTTP request and words the answer: what is
/// different between protocols of that kind. UploadConversation does the rest. One object serves
/// one request.
class UploadProtocol {
 public:
  /// Where the bytes of the recording go as they come.
  struct Recording {
    std::function<void(const UploadedFile&)> begin;
    std::function<void(std::string_view)> take;
  };

  virtual ~UploadProtocol() = default;

  /// Takes the next bytes of the body and passes on those of the recording.
  /// Errors: RequestFault.
  virtual void take_body(std::string_view bytes, const Recording& recording) = 0;
  /// The body is complete. Returns what is asked of the session; its sample rate is not looked at.
  /// Errors: RequestFault if something is wrong or missing.
  virtual SessionOptions end_body() = 0;

  /// Whether the answer is sent in pieces while the recording is recognised.
  virtual bool is_streamed() const { return false; }
  /// The answer's head, if it is streamed; its body is empty.
  virtual HttpAnswer streamed_head() const { return {}; }
  /// The piece for an utterance, if the answer is streamed.
  virtual std::string streamed_piece(const SessionEvent&) { return {}; }

  /// The answer to the whole recording; of a streamed one the last pieces, as its body.
  virtual HttpAnswer answer(const UploadTranscript& transcript) = 0;
  /// The answer to a request that fails.
  virtual HttpAnswer answer(const RequestFault& fault) const = 0;
  /// The last piece of a streamed answer that fails when its head is sent.
  virtual std::string streamed_fault(const RequestFault&) const { return {}; }
};

}  // namespace harpy
