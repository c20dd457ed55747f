#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "service/protocols/conversation.hpp"

namespace harpy::testing {

/// A line that keeps what a conversation sends. The test says when the client takes it.
class FakeLine : public Line {
 public:
  void send_text(std::string text) override { send("text " + std::move(text)); }
  void send_bytes(std::vector<std::byte> bytes) override {
    send("bytes " + std::to_string(bytes.size()));
  }
  void close(Closing closing) override {
    if (!std::exchange(is_closed_, true)) said_.push_back("close " + std::to_string(closing.code));
    reason_ = closing.reason;
  }
  std::size_t unsent_count() const override { return unsent_count_; }
  void count_command(std::size_t bytes) override { command_bytes_ += bytes; }
  void note(Severity, const std::string& text) override { notes_.push_back(text); }

  /// What was said since the last call, in order: "text …", "bytes COUNT" or "close CODE".
  std::vector<std::string> said() { return std::exchange(said_, {}); }
  void client_takes_all() { unsent_count_ = 0; }
  const std::vector<std::string>& notes() const { return notes_; }
  const std::string& reason() const { return reason_; }
  /// Of all messages that were no audio.
  std::size_t command_bytes() const { return command_bytes_; }

 private:
  void send(std::string what) {
    if (is_closed_) return;
    said_.push_back(std::move(what));
    ++unsent_count_;
  }

  std::vector<std::string> said_;
  std::vector<std::string> notes_;
  std::string reason_;
  std::size_t unsent_count_ = 0;
  std::size_t command_bytes_ = 0;
  bool is_closed_ = false;
};

/// A session that recognises nothing: the test sends its events.
class FakeSession : public Session {
 public:
  FakeSession(const SessionOptions& session_options, EventHandler event_handler)
      : options(session_options), handler(std::move(event_handler)) {}

  PushResult push(std::span<const float> samples) override {
    if (is_full || most_pushes == 0) return PushResult::kFull;
    --most_pushes;
    sample_count += static_cast<std::int64_t>(samples.size());
    return PushResult::kAccepted;
  }
  void finish() override { is_finished = true; }
  void cancel() override { is_cancelled = true; }

  void send(EventKind kind, std::vector<RecognizedWord> words = {}) {
    // A handler may let go of the session.
    const EventHandler own = handler;
    own({.kind = kind, .words = std::move(words), .sample_count = sample_count, .error = "broken"});
  }
  /// What the recognizer sends after finish.
  void send_end(std::vector<RecognizedWord> words) {
    send(EventKind::kProgress);
    send(EventKind::kFinal, std::move(words));
    has_ended = true;
    send(EventKind::kEnd);
  }

  const SessionOptions options;
  const EventHandler handler;
  std::int64_t sample_count = 0;
  bool is_full = false;
  int most_pushes = 1'000'000;  ///< before the session is full
  bool is_finished = false;
  bool is_cancelled = false;
  bool has_ended = false;
};

/// Opens fake sessions and keeps them.
class FakeRecognizer {
 public:
  OpenSession opener() {
    return [this](const SessionOptions& options, EventHandler handler) {
      sessions_.push_back(std::make_shared<FakeSession>(options, std::move(handler)));
      return sessions_.back();
    };
  }
  std::size_t session_count() const { return sessions_.size(); }
  FakeSession& last() { return *sessions_.back(); }
  const std::vector<std::shared_ptr<FakeSession>>& sessions() const { return sessions_; }

 private:
  std::vector<std::shared_ptr<FakeSession>> sessions_;
};

}  // namespace harpy::testing
