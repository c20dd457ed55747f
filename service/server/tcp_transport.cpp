#include "service/server/tcp_transport.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>

#include "service/server/conversation_transport.hpp"
#include "service/server/session_admission.hpp"

namespace harpy {

namespace net = boost::asio;

namespace {

constexpr std::size_t kTcpReadBytes = std::size_t{16} << 10;

class TcpTransport : public ConversationTransport {
 public:
  TcpTransport(ClientStream stream, std::shared_ptr<ServerState> state,
               std::shared_ptr<ConnectionSlot> slot)
      : ConversationTransport(std::move(state), std::move(slot)),
        stream_(std::move(stream)),
        last_wait_(io()) {}

  void start(const MakeConversation& make) {
    tell_opened();
    begin(make);
  }

 private:
  void start_reading() override;
  void start_writing(const Message& message) override;
  void start_closing(const Closing& closing) override;
  void close_socket() override;

  void has_read(const Error& error, std::size_t size);
  /// Reads until the client has closed, so that what was written is not lost.
  void discard();

  ClientStream stream_;
  std::array<std::byte, kTcpReadBytes> incoming_{};
  Timer last_wait_;  ///< for the client to close
};

void TcpTransport::start_reading() {
  stream_.async_read_some(
      net::buffer(incoming_),
      guarded([this](const Error& error, std::size_t size) { has_read(error, size); }));
}

void TcpTransport::has_read(const Error& error, std::size_t size) {
  has_received(size, true);
  if (has_said_all()) return discard();
  if (error == net::error::eof) {
    return converse([](Conversation& conversation) { conversation.take_end(); });
  }
  if (error) return ended("client: " + error.message());
  converse([this, size](Conversation& conversation) {
    conversation.take_bytes(std::span(incoming_).first(size));
  });
}

void TcpTransport::start_writing(const Message& message) {
  net::async_write(stream_, net::buffer(message.bytes),
                   guarded([this](const Error& error, std::size_t) { has_written(error); }));
}

void TcpTransport::start_closing(const Closing&) {
  last_wait_.expires_after(state().limits().handshake_timeout);
  last_wait_.async_wait(guarded([this](const Error& cancelled) {
    if (!cancelled) ended("");
  }));
  stream_.end_sending(guarded([this](const Error& error) {
    if (error) return ended("");
    if (!watch().is_reading()) discard();
  }));
}

void TcpTransport::discard() {
  stream_.socket().async_read_some(
      net::buffer(incoming_),
      guarded([this](const Error& error, std::size_t) { error ? ended("") : discard(); }));
}

void TcpTransport::close_socket() {
  last_wait_.cancel();
  stream_.close();
}

}  // namespace

void start_tcp(ClientStream stream, std::shared_ptr<ServerState> state,
               std::shared_ptr<ConnectionSlot> slot) {
  const ServedListener& listener = slot->listener();
  const Protocol& protocol = *listener.options.protocols.front();
  slot->request().protocol = protocol.name;
  if (const std::optional<Refusal> refusal = refuse_session(*state, *slot)) {
    if (stream.is_encrypted()) return;  // closes
    const std::string answer = protocol.word_refusal(*refusal, {}).body;
    boost::system::error_code ignored;
    stream.socket().non_blocking(true, ignored);
    stream.socket().write_some(net::buffer(answer), ignored);
    stream.socket().shutdown(net::socket_base::shutdown_send, ignored);
    return;
  }
  const MakeConversation make = protocol.accept({}, protocol_settings(*state, listener));
  std::make_shared<TcpTransport>(std::move(stream), std::move(state), std::move(slot))->start(make);
}

}  // namespace harpy
