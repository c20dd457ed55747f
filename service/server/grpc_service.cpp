#include "service/server/grpc_service.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <variant>

#include <boost/asio/post.hpp>

#include "models/files/escaped_text.hpp"
#include "service/protocols/riva_calls.hpp"
#include "service/server/grpc_transport.hpp"
#include "service/server/request_gate.hpp"
#include "service/server/session_admission.hpp"

namespace harpy {

namespace net = boost::asio;
namespace http = boost::beast::http;

namespace {

/// Asked by those who look after servers, such as Kubernetes (gRPC Health Checking Protocol); the
/// answers are messages of one field: 1 serving, 2 not serving.
constexpr std::string_view kHealthMethod = "/grpc.health.v1.Health/Check";
constexpr std::string_view kServing("\x08\x01", 2);
constexpr std::string_view kNotServing("\x08\x02", 2);
constexpr int kNoServiceNow = 503;

/// What the gate and the admission of requests look at.
RequestHead head_of(const GrpcCall& call) {
  RequestHead head;
  for (const char* const name :
       {"authorization", "x-request-id", "traceparent", "x-forwarded-for"}) {
    const std::string value = call.header(name);
    if (!value.empty()) head.set(name, value);
  }
  return head;
}

/// Answers a call of one message with one.
void answer_call(const std::shared_ptr<GrpcCall>& call, RivaAnswer answer) {
  call->read([call, answer = std::move(answer)](const std::optional<std::string>& message) {
    std::string reply;
    try {
      reply = answer(message.value_or(""));
    } catch (const std::runtime_error& error) {
      return call->finish(GrpcStatus::kInvalidArgument, error.what(), {});
    }
    call->write(reply, [call](bool) { call->finish(GrpcStatus::kOk, "", {}); });
  });
}

}  // namespace

std::shared_ptr<GrpcService> GrpcService::start(std::shared_ptr<ServerState> state) {
  std::shared_ptr<GrpcService> service(new GrpcService(std::move(state)));
  const ServerLimits& limits = service->state_->limits();
  service->server_ = start_grpc_server(
      {.max_message_bytes = std::max(limits.max_message_bytes, limits.max_grpc_message_bytes),
       .max_header_bytes = limits.max_header_bytes,
       .idle_timeout = limits.idle_timeout},
      [io = service->state_->io, weak = service->weak_from_this()](std::shared_ptr<GrpcCall> call) {
        net::post(*io, [weak, call = std::move(call)] {
          if (const auto self = weak.lock()) self->follow(call);
        });
      });
  return service;
}

void GrpcService::serve(ClientStream stream, std::shared_ptr<ConnectionSlot> slot) {
  std::erase_if(connections_, [](const auto& item) { return item.second.expired(); });
  const auto connection =
      std::make_shared<GrpcConnection>(std::move(stream), state_, std::move(slot));
  const int descriptor = connection->start();
  connections_[descriptor] = connection;
  server_->add_connection(descriptor);
}

void GrpcService::follow(const std::shared_ptr<GrpcCall>& call) {
  const auto found = connections_.find(call->connection());
  const auto connection = found == connections_.end() ? nullptr : found->second.lock();
  if (!connection || connection->slot() == nullptr) return;  // gone meanwhile; the call ends itself
  try {
    admit(call, connection);
  } catch (const RequestFault& fault) {
    GrpcStatus status = grpc_status(fault.status());
    // A full server is no reason to ask it again at once; one that ends is one to ask another.
    if (fault.status() == kNoServiceNow && !state_->draining) {
      status = GrpcStatus::kResourceExhausted;
    }
    call->finish(status, fault.what(), {});
  } catch (const std::exception& error) {
    state_->log().error("a call cannot be followed: {}", error.what());
    call->finish(GrpcStatus::kInternal, "internal error", {});
  }
}

void GrpcService::admit(const std::shared_ptr<GrpcCall>& call,
                        const std::shared_ptr<GrpcConnection>& connection) {
  if (call->method() == kHealthMethod) {
    const bool is_serving = state_->obstacle().empty();
    return answer_call(call, [is_serving](std::string_view) {
      return std::string(is_serving ? kServing : kNotServing);
    });
  }
  ConnectionSlot& slot = *connection->slot();
  slot.request() = {.protocol = slot.listener().options.protocols.front()->name};
  const RequestHead head = head_of(*call);
  RequestGate(*state_, slot).identify(head);
  const auto check = [](const std::optional<Refusal>& refusal) {
    if (refusal) throw RequestFault(refusal->status, refusal->reason);
  };
  check(refuse_request(head, *state_, slot));
  RivaOutcome outcome =
      follow_riva_call(call->method(), protocol_settings(*state_, slot.listener()));
  if (auto* const answer = std::get_if<RivaAnswer>(&outcome)) {
    return answer_call(call, std::move(*answer));
  }
  auto* const recording = std::get_if<std::unique_ptr<UploadProtocol>>(&outcome);
  if (recording != nullptr) {
    admit_upload(0, *state_, slot);  // the length is not known before the message has come
  } else {
    check(refuse_session(*state_, slot));
  }
  const auto transport = std::make_shared<GrpcTransport>(call, connection, state_);
  if (recording != nullptr) return transport->start_upload(std::move(*recording));
  transport->start(std::get<MakeConversation>(outcome));
}

}  // namespace harpy
