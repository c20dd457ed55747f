#include "service/server/upload_transport.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include "service/server/http_response.hpp"
#include "service/server/http_session.hpp"
#include "service/server/recording_transport.hpp"
#include "service/server/request_gate.hpp"

namespace harpy {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

constexpr std::size_t kBodyReadBytes = std::size_t{64} << 10;

RequestFault body_fault(const boost::system::error_code& error) {
  const auto status = error == http::error::body_limit ? http::status::payload_too_large
                                                       : http::status::bad_request;
  return {static_cast<int>(status), "the body cannot be read: " + error.message()};
}

class UploadTransport : public RecordingTransport {
 public:
  UploadTransport(UploadRequest request, std::shared_ptr<ServerState> state,
                  std::shared_ptr<ConnectionSlot> slot);

  void start();

  void send_head(const HttpAnswer& answer, bool is_streamed) override;

 private:
  void start_reading() override;
  void start_writing(const Message& message) override;
  void start_closing(const Closing& closing) override;
  void close_socket() override;

  void has_read(const Error& error, std::size_t size);
  void take_body(Conversation& conversation);
  /// Notices a client that goes away while it waits for the answer.
  void await_loss();
  void write_on();
  void hand_over(const Closing& closing);

  const std::shared_ptr<ConnectionSlot> slot_;
  ClientStream stream_;
  beast::flat_buffer buffer_;
  const std::unique_ptr<UploadParser> parser_;
  std::unique_ptr<UploadProtocol> protocol_;  ///< until the conversation has it
  const std::string answer_fields_;
  const bool is_http_1_0_;
  bool keep_alive_;
  std::vector<char> body_ = std::vector<char>(kBodyReadBytes);
  std::string outgoing_;           ///< what is being written
  std::size_t written_bytes_ = 0;  ///< of it
  bool needs_more_ = false;        ///< what is in buffer_ cannot be parsed before more has come
  bool is_body_done_ = false;
  bool is_head_sent_ = false;
  int status_ = static_cast<int>(http::status::internal_server_error);  ///< of the answer
  bool is_chunked_ = false;                                             ///< the answer
};

UploadTransport::UploadTransport(UploadRequest request, std::shared_ptr<ServerState> state,
                                 std::shared_ptr<ConnectionSlot> slot)
    : RecordingTransport(std::move(state), slot),
      slot_(std::move(slot)),
      stream_(std::move(request.stream)),
      buffer_(kBodyReadBytes),
      parser_(std::move(request.parser)),
      protocol_(std::move(request.protocol)),
      answer_fields_(std::move(request.answer_fields)),
      is_http_1_0_(parser_->get().version() < 11),
      keep_alive_(parser_->keep_alive()) {
  buffer_.commit(net::buffer_copy(buffer_.prepare(request.unread.size()), request.unread.data()));
  parser_->eager(true);
}

void UploadTransport::start() {
  tell_opened();
  if (beast::iequals(parser_->get()[http::field::expect], "100-continue") && buffer_.size() == 0) {
    const std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    const auto bytes = std::as_bytes(std::span(go_on));
    send_bytes({bytes.begin(), bytes.end()});
  }
  begin(upload_with(std::move(protocol_)));
}

void UploadTransport::start_reading() {
  if (is_body_done_) return read_samples();
  if ((buffer_.size() > 0 && !needs_more_) || parser_->is_done()) {
    net::post(io(), guarded([this] { has_read({}, 0); }));
    return;
  }
  stream_.async_read_some(
      buffer_.prepare(buffer_.max_size() - buffer_.size()),
      guarded([this](const Error& error, std::size_t size) { has_read(error, size); }));
}

void UploadTransport::has_read(const Error& error, std::size_t size) {
  if (error) return ended("client: " + error.message());
  buffer_.commit(size);
  watch().took_audio(Clock::now());
  converse([this, size](Conversation& conversation) {
    take_body(conversation);
    has_received(size, parser_->is_done());
  });
}

void UploadTransport::take_body(Conversation& conversation) {
  while (!parser_->is_done() && !upload().is_answered()) {
    auto& body = parser_->get().body();
    body.data = body_.data();
    body.size = body_.size();
    Error error;
    const std::size_t parsed = parser_->put(buffer_.data(), error);
    buffer_.consume(parsed);
    const std::size_t got = body_.size() - body.size;
    if (got > 0) conversation.take_bytes(std::as_bytes(std::span(body_).first(got)));
    if (error == http::error::need_more || error == http::error::need_buffer) error = {};
    if (error) return upload().refuse(body_fault(error));
    needs_more_ = parsed == 0 && got == 0;
    if (needs_more_) break;
  }
  if (!parser_->is_done()) {
    if (buffer_.size() == buffer_.max_size()) upload().refuse(body_fault(http::error::bad_chunk));
    return;
  }
  if (upload().is_answered()) return;
  is_body_done_ = true;
  conversation.take_end();
  await_loss();
}

void UploadTransport::await_loss() {
  stream_.socket().async_wait(Socket::wait_read, guarded([this](const Error& error) {
                                if (error) return;
                                Error failed;
                                if (stream_.socket().available(failed) == 0)
                                  ended("the client has gone");
                              }));
}

void UploadTransport::send_head(const HttpAnswer& answer, bool is_streamed) {
  const auto status = static_cast<http::status>(answer.status);
  is_head_sent_ = true;
  status_ = answer.status;
  is_chunked_ = is_streamed && !is_http_1_0_;
  keep_alive_ = keep_alive_ && parser_->is_done() && !state().draining &&
                status != http::status::service_unavailable && (is_chunked_ || !is_streamed);
  std::string framing = "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
  if (is_streamed) framing = is_chunked_ ? "Transfer-Encoding: chunked\r\n" : "";
  const std::string head =
      response_head({.status = status,
                     .fields = answer.fields + retry_field(status) + answer_fields_,
                     .content_type = answer.content_type,
                     .keep_alive = keep_alive_},
                    framing);
  const auto bytes = std::as_bytes(std::span(head));
  send_bytes({bytes.begin(), bytes.end()});
}

void UploadTransport::start_writing(const Message& message) {
  outgoing_ = message.bytes;
  if (message.is_text && is_chunked_ && !outgoing_.empty()) outgoing_ = http_chunk(outgoing_);
  written_bytes_ = 0;
  write_on();
}

/// Writes in pieces, so that a client has time for each of them.
void UploadTransport::write_on() {
  stream_.async_write_some(net::buffer(outgoing_) + written_bytes_,
                           guarded([this](const Error& error, std::size_t size) {
                             written_bytes_ += size;
                             if (error || written_bytes_ == outgoing_.size())
                               return has_written(error);
                             watch().writing(Clock::now());
                             write_on();
                           }));
}

void UploadTransport::start_closing(const Closing& closing) {
  outgoing_.clear();
  if (is_chunked_) outgoing_ = kLastHttpChunk;
  if (!is_head_sent_) {
    keep_alive_ = false;
    outgoing_ = serialized({.status = http::status::internal_server_error,
                            .body = closing.reason,
                            .fields = answer_fields_});
  }
  if (outgoing_.empty()) return hand_over(closing);
  net::async_write(stream_, net::buffer(outgoing_),
                   guarded([this, closing](const Error& error, std::size_t) {
                     error ? ended("client: " + error.message()) : hand_over(closing);
                   }));
}

/// The connection goes back to whoever reads requests.
void UploadTransport::hand_over(const Closing& closing) {
  shared_state()->counts.answered(slot_->request().counted, status_);
  Error ignored;
  stream_.socket().cancel(ignored);
  start_http(std::move(stream_), shared_state(), slot_,
             {.unread = std::move(buffer_), .is_last = !keep_alive_});
  ended(closing.reason);
}

void UploadTransport::close_socket() {
  stop_decoder();
  stream_.close();
}

}  // namespace

void start_upload(UploadRequest request, std::shared_ptr<ServerState> state,
                  std::shared_ptr<ConnectionSlot> slot) {
  std::make_shared<UploadTransport>(std::move(request), std::move(state), std::move(slot))->start();
}

}  // namespace harpy
