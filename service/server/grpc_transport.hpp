#pragma once

#include <memory>
#include <string>

#include "service/server/grpc_connection.hpp"
#include "service/server/grpc_server.hpp"
#include "service/server/recording_transport.hpp"

namespace harpy {

/// The status of a call that is refused or fails with a status of HTTP.
GrpcStatus grpc_status(int http_status);

/// Carries a conversation by a call of gRPC. Its messages are the call's, and how the line is
/// closed becomes the call's status; of a recording's conversation, the status of its answer.
class GrpcTransport : public RecordingTransport {
 public:
  GrpcTransport(std::shared_ptr<GrpcCall> call, std::shared_ptr<GrpcConnection> connection,
                std::shared_ptr<ServerState> state);

  void start(const MakeConversation& make);
  void start_upload(std::unique_ptr<UploadProtocol> protocol);

  void send_head(const HttpAnswer& answer, bool is_streamed) override;

 private:
  void start_reading() override;
  void start_writing(const Message& message) override;
  void start_closing(const Closing& closing) override;
  void close_socket() override;

  void has_read(const std::optional<std::string>& message);
  void finish_call(GrpcStatus status, const std::string& message);
  /// A handler for the call that does the action on the I/O thread, if the transport still is
  /// there.
  template <typename Action>
  auto on_io_thread(Action action);

  const std::shared_ptr<GrpcCall> call_;
  const std::shared_ptr<GrpcConnection> connection_;
  Timer last_wait_;  ///< for the client to be told
  bool is_body_done_ = false;
  int http_status_ = 200;  ///< of a recording's answer
  std::string fault_;      ///< what is told in place of the answer
};

}  // namespace harpy
