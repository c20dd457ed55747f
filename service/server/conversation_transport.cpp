#include "service/server/conversation_transport.hpp"

#include <algorithm>
#include <stdexcept>

#include <boost/asio/post.hpp>

#include "models/files/escaped_text.hpp"
#include "service/server/session_admission.hpp"

namespace harpy {

namespace net = boost::asio;

namespace {

using LogLevel = spdlog::level::level_enum;

/// How often the I/O thread looks for input and events before it believes that a time is over: once
/// finds what is queued, the second time what the operating system had when the first began.
constexpr int kLooksBeforeTimeout = 2;

}  // namespace

ConversationTransport::ConversationTransport(std::shared_ptr<ServerState> state,
                                             std::shared_ptr<ConnectionSlot> slot)
    : state_(std::move(state)),
      slot_(std::move(slot)),
      request_(slot_->request()),
      client_address_(slot_->address()),
      name_("session " + std::to_string(state_->counts.sessions + 1)),
      listed_(std::in_place, state_->sessions, *this),
      watch_(state_->limits(), started_),
      timer_(*state_->io),
      pause_(*state_->io) {
  counted_.emplace_back(state_->session_count, 0);
  counted_.emplace_back(state_->counts.active_sessions[request_.protocol], 0);
  counted_.emplace_back(slot_->client().session_count, 0);
  counted_.emplace_back(slot_->listener().session_count, 0);
  if (request_.key) counted_.emplace_back(request_.key->session_count, 0);
  count_sessions(request_.session_count);
}

void ConversationTransport::count_sessions(int more) {
  session_count_ += more;
  state_->counts.sessions += static_cast<std::uint64_t>(more);
  for (Counted& counted : counted_) counted.add(more);
}

std::optional<Refusal> ConversationTransport::take_more_sessions(int more) {
  std::optional<Refusal> refusal = refuse_session(*state_, *slot_, more);
  if (!refusal) count_sessions(more);
  return refusal;
}

void ConversationTransport::break_off(const std::exception& error) noexcept {
  try {
    note(Severity::kError, error.what());
    if (!conversation_ || closing_) return ended("internal error");
    close({.code = close_code::kInternalError, .reason = "internal error", .details = {}});
    look();
    watch_time();
  } catch (const std::exception&) {
    ended("internal error");
  }
}

void ConversationTransport::tell_opened() {
  const auto& peer = slot_->ends().client;
  const bool is_forwarded = client_key(peer.address()) != client_address_;
  const std::string forwarded = is_forwarded ? " for " + client_address_ : "";
  tell(LogLevel::info,
       "opened by " + peer.address().to_string() + " port " + std::to_string(peer.port()) +
           (request_.key ? " with the key " + request_.key->key.name : "") + forwarded);
}

void ConversationTransport::begin(const MakeConversation& make) {
  watch_.opened(Clock::now());
  conversation_ = make(*this, session_opener());
  watch_time();
  if (early_ending_) return end(*early_ending_);
  look();
}

OpenSession ConversationTransport::session_opener() {
  return [weak = weak_from_this(), io = state_->io, recognizers = state_->recognizers,
          usual = slot_->listener().options.model](const SessionOptions& options,
                                                   EventHandler handler) {
    // Called on a worker's thread.
    const auto recognizer = recognizers.find(options.model.empty() ? usual : options.model);
    if (!recognizer) throw std::invalid_argument("no such model");
    return recognizer->open(options,
                            [weak, io, handler = std::move(handler)](const SessionEvent& event) {
                              net::post(*io, [weak, handler, event] {
                                if (const auto self = weak.lock()) self->take_event(handler, event);
                              });
                            });
  };
}

void ConversationTransport::take_event(const EventHandler& handler, const SessionEvent& event) {
  guarded([&] { converse([&](Conversation&) { handler(event); }); })();
}

void ConversationTransport::converse(const std::function<void(Conversation&)>& action) {
  try {
    action(*conversation_);
  } catch (const std::exception& error) {
    note(Severity::kError, error.what());
    close({.code = close_code::kInternalError, .reason = "internal error", .details = {}});
  }
  if (const double audio_s = conversation_->audio_s(); audio_s > heard_audio_s_) {
    heard_audio_s_ = audio_s;
    watch_.took_audio(Clock::now());
  }
  look();
}

void ConversationTransport::has_received(std::size_t bytes, bool is_message_done) {
  state_->counts.received_bytes += bytes;
  watch_.received(bytes, is_message_done, Clock::now());
}

void ConversationTransport::end(Ending ending) {
  if (!server_ending_) server_ending_ = ending;
  if (!conversation_) {
    early_ending_ = ending;
    return;
  }
  converse([ending](Conversation& conversation) { conversation.end(ending); });
}

void ConversationTransport::look() {
  read_next();
  write_next();
}

void ConversationTransport::read_next() {
  if (watch_.is_reading() || closing_ || conversation_->input_room() == 0) return;
  const Clock::time_point now = Clock::now();
  if (!watch_.may_command(now)) {
    pause_.expires_at(watch_.next_command());
    pause_.async_wait(guarded([this](const Error& cancelled) {
      if (!cancelled) look();
    }));
    return;
  }
  watch_.reading(now);
  start_reading();
}

void ConversationTransport::send_bytes(std::vector<std::byte> bytes) {
  send({std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()), false});
}

void ConversationTransport::send(Message message) {
  if (!closing_) outgoing_.push_back(std::move(message));
}

void ConversationTransport::close(Closing closing) {
  if (!closing_) closing_ = std::move(closing);
}

void ConversationTransport::write_next() {
  if (watch_.is_writing() || has_said_all_) return;
  if (!outgoing_.empty()) {
    watch_.writing(Clock::now());
    start_writing(outgoing_.front());
  } else if (closing_) {
    has_said_all_ = true;
    start_closing(*closing_);
  }
}

void ConversationTransport::has_written(const Error& error) {
  watch_.written(Clock::now());
  if (error) return ended("client: " + error.message());
  outgoing_.pop_front();
  look();
}

/// When the client will have been silent, slow or deaf for too long.
ConversationTransport::Clock::time_point ConversationTransport::deadline(
    Clock::time_point now) const {
  if (watch_.is_writing()) return watch_.last_write_time();
  if (closing_) return now + state_->limits().idle_timeout;  // the carrier has its own time limit
  return watch_.end(conversation_->owes_reply(), now).time;
}

void ConversationTransport::watch_time() {
  timer_.expires_at(std::min(deadline(Clock::now()), watch_.next_ping()));
  timer_.async_wait(guarded([this](const Error& cancelled) {
    if (!cancelled) check_time(kLooksBeforeTimeout);
  }));
}

void ConversationTransport::check_time(int looks_left) {
  const Clock::time_point now = Clock::now();
  if (deadline(now) > now) {
    if (watch_.next_ping() <= now) {
      watch_.pinged(now);
      // The answer is only seen while the transport reads.
      if (watch_.is_reading() && !closing_) start_ping();
    }
    return watch_time();
  }
  if (looks_left > 0) {
    net::post(*state_->io, guarded([this, looks_left] { check_time(looks_left - 1); }));
    return;
  }
  if (watch_.is_writing()) return ended("the client does not read");
  const Ending ending = watch_.end(conversation_->owes_reply(), now).ending;
  watch_.opened(now);  // the end may take its time
  watch_time();
  end(ending);
}

void ConversationTransport::note(Severity severity, const std::string& text) {
  tell(severity == Severity::kError ? LogLevel::err : LogLevel::warn, text);
}

void ConversationTransport::tell(LogLevel level, const std::string& text) {
  LogSubject subject = subject_of(client_address_, request_);
  subject.session = name_;
  state_->tell_of_client(subject, level, name_ + ": " + escape_for_line(text));
}

std::string_view ConversationTransport::outcome() const {
  if (!closing_) return server_ending_ ? "shut_down" : "client_lost";
  if (closing_->code == close_code::kNormal) return "completed";
  if (!server_ending_) return "error";
  const bool is_shutdown = server_ending_ == Ending::kShutdown || server_ending_ == Ending::kStop;
  return is_shutdown ? "shut_down" : "timed_out";
}

void ConversationTransport::ended(const std::string& reason) {
  if (std::exchange(has_ended_, true)) return;
  std::string why = reason;
  if (closing_) {
    why = closing_->reason;
    if (!closing_->details.empty()) why += ": " + closing_->details;
  }
  tell(LogLevel::info, fmt::format("ended after {:.1f} s with {:.1f} s of audio: {}",
                                   std::chrono::duration<double>(Clock::now() - started_).count(),
                                   conversation_ ? conversation_->audio_s() : 0.0, why));
  state_->counts.ended_sessions[{request_.protocol, outcome()}] +=
      static_cast<std::uint64_t>(session_count_);
  conversation_.reset();
  timer_.cancel();
  pause_.cancel();
  close_socket();
  listed_.reset();
  counted_.clear();
  slot_.reset();
  state_->session_ended();
}

}  // namespace harpy
