#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "service/protocols/upload_conversation.hpp"
#include "service/server/conversation_transport.hpp"
#include "service/server/upload_decoder.hpp"

namespace harpy {

/// A transport whose conversation may be that of a recording: it leads to a process that decodes
/// it (UploadDecoder). A carrier derives from it. Threads: the I/O thread.
class RecordingTransport : public ConversationTransport, public UploadCarrier {
 public:
  void begin_recording(const UploadedFile& file) final;
  void decode(std::string_view bytes) final { decoder_->write(bytes); }
  void end_recording() final { decoder_->end_input(); }
  void take_sessions(int count) final;
  std::size_t undecoded_bytes() const final { return decoder_ ? decoder_->waiting_bytes() : 0; }

 protected:
  RecordingTransport(std::shared_ptr<ServerState> state, std::shared_ptr<ConnectionSlot> slot)
      : ConversationTransport(state, std::move(slot)), shared_state_(std::move(state)) {}

  /// The conversation of a recording in a protocol; counts among the uploads.
  MakeConversation upload_with(std::unique_ptr<UploadProtocol> protocol);
  /// The conversation, once that of upload_with has begun.
  UploadConversation& upload() { return *upload_; }
  bool is_upload() const { return upload_ != nullptr; }
  /// Takes the place of reading from the client once the whole recording has come: the client may
  /// be silent, and samples come from the decoder.
  void read_samples();
  void stop_decoder();

  const std::shared_ptr<ServerState>& shared_state() const { return shared_state_; }

 private:
  template <typename Action>
  auto for_conversation(Action action);

  const std::shared_ptr<ServerState> shared_state_;
  std::optional<Counted> of_uploads_;
  UploadConversation* upload_ = nullptr;  ///< the transport's conversation
  std::shared_ptr<UploadDecoder> decoder_;
};

}  // namespace harpy
