#include "service/server/grpc_server.hpp"

#include <grpc/support/log.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/server_posix.h>

#include <charconv>
#include <chrono>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace harpy {

namespace {

/// How the library calls a client whose connection it was given as a descriptor.
constexpr std::string_view kDescriptorPeer = "fd:";
constexpr const char* kEnds = "the server ends";
constexpr int kPingsPerIdleTimeout = 3;
/// Clients that ping more often while they send nothing are told to go.
constexpr int kLeastPingIntervalMs = 1000;

int descriptor_of(std::string_view peer) {
  int number = -1;
  if (peer.starts_with(kDescriptorPeer)) {
    peer.remove_prefix(kDescriptorPeer.size());
    std::from_chars(peer.data(), peer.data() + peer.size(), number);
  }
  return number;
}

std::string text_of(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  buffer.Dump(&slices);
  std::string text;
  text.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return text;
}

/// The library's view of a call. It deletes itself when the library is done with it, which is some
/// time after it has been finished; then nobody else uses it any more.
class Reactor : public grpc::ServerGenericBidiReactor {
 public:
  void read(std::function<void(std::optional<std::string>)> done) {
    has_read_ = std::move(done);
    StartRead(&incoming_);
  }
  void write(const std::string& message, std::function<void(bool)> done) {
    has_written_ = std::move(done);
    const grpc::Slice slice(message);
    outgoing_ = grpc::ByteBuffer(&slice, 1);
    StartWrite(&outgoing_);
  }
  void finish(GrpcStatus status, const std::string& message, std::function<void()> done) {
    is_done_ = std::move(done);
    Finish(grpc::Status(static_cast<grpc::StatusCode>(status), message));
  }
  /// To be called before the library knows of it.
  void when_cancelled(std::function<void()> is_lost) { is_lost_ = std::move(is_lost); }

  void OnReadDone(bool is_message) override {
    std::optional<std::string> message;
    if (is_message) message = text_of(incoming_);
    incoming_.Clear();
    std::exchange(has_read_, {})(std::move(message));
  }
  void OnWriteDone(bool has_left) override { std::exchange(has_written_, {})(has_left); }
  void OnCancel() override { is_lost_(); }
  void OnDone() override {
    if (is_done_) is_done_();
    delete this;
  }

 private:
  std::function<void()> is_lost_;
  std::function<void(std::optional<std::string>)> has_read_;
  std::function<void(bool)> has_written_;
  std::function<void()> is_done_;
  grpc::ByteBuffer incoming_;
  grpc::ByteBuffer outgoing_;
};

class Call;

/// The calls of a server that have not gone.
struct Calls {
  std::mutex mutex;
  std::map<const Call*, std::weak_ptr<Call>> by_place;
};

class Call : public GrpcCall {
 public:
  Call(const grpc::GenericCallbackServerContext& context, Reactor& reactor,
       std::shared_ptr<Calls> calls)
      : method_(context.method()),
        connection_(descriptor_of(context.peer())),
        calls_(std::move(calls)),
        reactor_(&reactor) {
    for (const auto& [name, value] : context.client_metadata()) {
      std::string& text = headers_[{name.data(), name.size()}];
      if (!text.empty()) text += ',';
      text.append(value.data(), value.size());
    }
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() override {
    Call::finish(GrpcStatus::kUnavailable, kEnds, {});
    const std::lock_guard lock(calls_->mutex);
    calls_->by_place.erase(this);
  }

  const std::string& method() const override { return method_; }
  int connection() const override { return connection_; }
  std::string header(const std::string& name) const override {
    const auto found = headers_.find(name);
    return found == headers_.end() ? "" : found->second;
  }

  void read(std::function<void(std::optional<std::string>)> done) override {
    const std::lock_guard lock(mutex_);
    if (reactor_ != nullptr) reactor_->read(std::move(done));
  }
  void write(const std::string& message, std::function<void(bool)> done) override {
    const std::lock_guard lock(mutex_);
    if (reactor_ != nullptr) reactor_->write(message, std::move(done));
  }
  void finish(GrpcStatus status, const std::string& message, std::function<void()> done) override {
    const std::lock_guard lock(mutex_);
    if (reactor_ != nullptr) {
      std::exchange(reactor_, nullptr)->finish(status, message, std::move(done));
    }
  }
  void await_loss(std::function<void()> is_lost) override {
    {
      const std::lock_guard lock(mutex_);
      if (!is_lost_) {
        loss_handler_ = std::move(is_lost);
        return;
      }
    }
    is_lost();
  }

  void lose() {
    std::function<void()> handler;
    {
      const std::lock_guard lock(mutex_);
      is_lost_ = true;
      handler = std::exchange(loss_handler_, {});
    }
    if (handler) handler();
  }

 private:
  const std::string method_;
  const int connection_;
  std::map<std::string, std::string, std::less<>> headers_;
  const std::shared_ptr<Calls> calls_;
  std::mutex mutex_;
  Reactor* reactor_;  ///< nullptr: the call is finished
  bool is_lost_ = false;
  std::function<void()> loss_handler_;
};

class LibraryServer : public GrpcServer, private grpc::CallbackGenericService {
 public:
  LibraryServer(const GrpcLimits& limits, std::function<void(std::shared_ptr<GrpcCall>)> begins)
      : begins_(std::move(begins)) {
    // It writes to standard error, where a line may wait until somebody reads it.
    gpr_set_log_function([](gpr_log_func_args*) {});
    const auto idle_ms = static_cast<int>(limits.idle_timeout.count());
    grpc::ServerBuilder builder;
    builder.RegisterCallbackGenericService(this);
    builder.SetMaxReceiveMessageSize(static_cast<int>(limits.max_message_bytes));
    builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE,
                               static_cast<int>(limits.max_header_bytes));
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.max_calls_per_connection);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, idle_ms);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, idle_ms / kPingsPerIdleTimeout);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, idle_ms);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                               kLeastPingIntervalMs);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) throw std::runtime_error("gRPC cannot be started");
  }
  LibraryServer(const LibraryServer&) = delete;
  LibraryServer& operator=(const LibraryServer&) = delete;

  ~LibraryServer() override {
    std::vector<std::weak_ptr<Call>> left;
    {
      const std::lock_guard lock(calls_->mutex);
      is_ending_ = true;
      for (const auto& [place, call] : calls_->by_place) left.push_back(call);
    }
    for (const std::weak_ptr<Call>& call : left) {
      if (const auto kept = call.lock()) kept->finish(GrpcStatus::kUnavailable, kEnds, {});
    }
    server_->Shutdown(std::chrono::system_clock::now());
    server_->Wait();
  }

  void add_connection(int descriptor) override {
    grpc::AddInsecureChannelFromFd(server_.get(), descriptor);
  }

 private:
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    auto* const reactor = new Reactor;  // deletes itself
    const auto call = std::make_shared<Call>(*context, *reactor, calls_);
    reactor->when_cancelled([weak = std::weak_ptr(call)] {
      if (const auto kept = weak.lock()) kept->lose();
    });
    bool is_late = false;
    {
      const std::lock_guard lock(calls_->mutex);
      calls_->by_place[call.get()] = call;
      is_late = is_ending_;
    }
    if (!is_late) begins_(call);
    return reactor;
  }

  const std::function<void(std::shared_ptr<GrpcCall>)> begins_;
  const std::shared_ptr<Calls> calls_ = std::make_shared<Calls>();
  bool is_ending_ = false;  ///< under the calls' mutex
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

std::unique_ptr<GrpcServer> start_grpc_server(
    const GrpcLimits& limits, std::function<void(std::shared_ptr<GrpcCall>)> begins) {
  return std::make_unique<LibraryServer>(limits, std::move(begins));
}

}  // namespace harpy
