#include "service/server/grpc_transport.hpp"

#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

namespace harpy {

namespace net = boost::asio;

namespace {

constexpr int kAnswered = 200;

GrpcStatus status_of(const Closing& closing) {
  switch (closing.code) {
    case close_code::kNormal:
      return GrpcStatus::kOk;
    case close_code::kBadMessage:
      return GrpcStatus::kInvalidArgument;
    case close_code::kPolicy:
      return GrpcStatus::kDeadlineExceeded;
    case close_code::kTooLong:
      return GrpcStatus::kResourceExhausted;
    case close_code::kGoingAway:
    case close_code::kServiceRestart:
      return GrpcStatus::kUnavailable;
    default:
      return GrpcStatus::kInternal;
  }
}

}  // namespace

GrpcStatus grpc_status(int http_status) {
  switch (http_status) {
    case 400:
      return GrpcStatus::kInvalidArgument;
    case 401:
      return GrpcStatus::kUnauthenticated;
    case 403:
      return GrpcStatus::kPermissionDenied;
    case 404:
    case 501:
      return GrpcStatus::kUnimplemented;
    case 408:
      return GrpcStatus::kDeadlineExceeded;
    case 413:
    case 429:
      return GrpcStatus::kResourceExhausted;
    case 503:
      return GrpcStatus::kUnavailable;
    default:
      return GrpcStatus::kInternal;
  }
}

GrpcTransport::GrpcTransport(std::shared_ptr<GrpcCall> call,
                             std::shared_ptr<GrpcConnection> connection,
                             std::shared_ptr<ServerState> state)
    : RecordingTransport(std::move(state), connection->slot()),
      call_(std::move(call)),
      connection_(std::move(connection)),
      last_wait_(io()) {}

template <typename Action>
auto GrpcTransport::on_io_thread(Action action) {
  return [this, weak = weak_from_this(), io = shared_state()->io,
          action = std::move(action)](auto... results) {
    net::post(*io, [this, weak, action, ... results = std::move(results)] {
      const auto self = weak.lock();
      if (self) guarded([&] { action(results...); })();
    });
  };
}

void GrpcTransport::start(const MakeConversation& make) {
  tell_opened();
  call_->await_loss(on_io_thread([this] { ended("the client has gone"); }));
  begin(make);
}

void GrpcTransport::start_upload(std::unique_ptr<UploadProtocol> protocol) {
  start(upload_with(std::move(protocol)));
}

void GrpcTransport::start_reading() {
  if (is_body_done_) return read_samples();
  call_->read(
      on_io_thread([this](const std::optional<std::string>& message) { has_read(message); }));
}

void GrpcTransport::has_read(const std::optional<std::string>& message) {
  has_received(message ? message->size() : 0, true);
  if (is_upload()) watch().took_audio(Clock::now());
  converse([&](Conversation& conversation) {
    if (message) conversation.take_bytes(std::as_bytes(std::span(*message)));
    is_body_done_ = is_upload();
    if (!message || is_body_done_) conversation.take_end();
  });
}

void GrpcTransport::send_head(const HttpAnswer& answer, bool) { http_status_ = answer.status; }

void GrpcTransport::start_writing(const Message& message) {
  if (http_status_ != kAnswered) {
    fault_ = message.bytes;
    return net::post(io(), guarded([this] { has_written({}); }));
  }
  call_->write(message.bytes, on_io_thread([this](bool has_left) {
                 has_written(has_left ? Error() : net::error::connection_reset);
               }));
}

void GrpcTransport::start_closing(const Closing& closing) {
  if (http_status_ != kAnswered) return finish_call(grpc_status(http_status_), fault_);
  finish_call(status_of(closing), closing.details.empty() ? closing.reason : closing.details);
}

/// The connection may be cut as soon as the session has ended; so the client is told before.
void GrpcTransport::finish_call(GrpcStatus status, const std::string& message) {
  last_wait_.expires_after(state().limits().handshake_timeout);
  last_wait_.async_wait(guarded([this](const Error& cancelled) {
    if (!cancelled) ended("");
  }));
  call_->finish(status, status == GrpcStatus::kOk ? "" : message, on_io_thread([this] {
                  connection_->when_flushed(guarded([this] { ended(""); }));
                }));
}

void GrpcTransport::close_socket() {
  last_wait_.cancel();
  stop_decoder();
  call_->finish(GrpcStatus::kUnavailable, "the session has ended", {});
}

}  // namespace harpy
