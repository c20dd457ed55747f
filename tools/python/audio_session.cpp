#include "tools/python/audio_session.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace harpy::tools {

namespace {

constexpr std::chrono::milliseconds kPatience{100};
/// A session that is idle has room for so many; for a longer piece it might never have.
constexpr std::size_t kMostSamplesAtOnce = std::size_t{1} << 14;

}  // namespace

struct AudioSession::Mailbox {
  Mailbox() : descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (descriptor < 0) {
      throw std::system_error(errno, std::generic_category(), "cannot make a descriptor");
    }
  }
  ~Mailbox() { close(descriptor); }
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  void put(const SessionEvent& event) {
    const bool is_end = event.kind == EventKind::kEnd || event.kind == EventKind::kError;
    if (event.kind == EventKind::kRoom || is_end) {
      const std::lock_guard lock(mutex);
      has_room = true;
      room_has_come.notify_all();
    }
    if (event.kind != EventKind::kRoom) queue.put(event);
  }

  /// Says that the descriptor can be read.
  void raise() const { eventfd_write(descriptor, 1); }
  void lower() const {
    eventfd_t ignored = 0;
    eventfd_read(descriptor, &ignored);
  }

  const int descriptor;
  EventQueue queue{[this] { raise(); }};
  std::mutex mutex;  ///< guards what follows
  std::condition_variable room_has_come;
  bool has_room = false;
};

AudioSession::AudioSession(std::shared_ptr<Recognizer> recognizer, const SessionOptions& options)
    : recognizer_(std::move(recognizer)), mailbox_(std::make_shared<Mailbox>()) {
  session_ = recognizer_->open(
      options, [mailbox = mailbox_](const SessionEvent& event) { mailbox->put(event); });
}

AudioSession::~AudioSession() { session_->cancel(); }

void AudioSession::push(std::span<const float> samples, const WhileWaiting& while_waiting) {
  while (!samples.empty()) {
    const auto piece = samples.first(std::min(samples.size(), kMostSamplesAtOnce));
    {
      const std::lock_guard lock(mailbox_->mutex);
      mailbox_->has_room = false;
    }
    if (session_->push(piece) == PushResult::kAccepted) {
      samples = samples.subspan(piece.size());
      continue;
    }
    std::unique_lock lock(mailbox_->mutex);
    while (
        !mailbox_->room_has_come.wait_for(lock, kPatience, [this] { return mailbox_->has_room; })) {
      lock.unlock();
      while_waiting();
      lock.lock();
    }
  }
}

void AudioSession::cancel() {
  session_->cancel();
  has_ended_ = true;
  mailbox_->raise();
}

std::optional<SessionEvent> AudioSession::next(const WhileWaiting& while_waiting) {
  while (!has_ended_) {
    if (auto event = mailbox_->queue.take_within(kPatience)) return opened(std::move(*event));
    while_waiting();
  }
  return std::nullopt;
}

std::optional<SessionEvent> AudioSession::poll() {
  mailbox_->lower();
  if (has_ended_) return std::nullopt;
  auto event = mailbox_->queue.take_within(std::chrono::milliseconds(0));
  return event ? opened(std::move(*event)) : std::nullopt;
}

std::optional<SessionEvent> AudioSession::opened(SessionEvent event) {
  if (event.kind == EventKind::kEnd || event.kind == EventKind::kError) has_ended_ = true;
  if (event.kind == EventKind::kEnd) return std::nullopt;
  if (event.kind != EventKind::kError) return event;
  if (event.is_refusal) throw std::invalid_argument(event.error);
  throw std::runtime_error(event.error);
}

int AudioSession::descriptor() const { return mailbox_->descriptor; }

std::vector<SessionEvent> recognize_whole(
    AudioSession& session, const std::function<std::span<const float>()>& next_samples,
    const AudioSession::WhileWaiting& while_waiting) {
  for (auto samples = next_samples(); !samples.empty(); samples = next_samples()) {
    session.push(samples, while_waiting);
  }
  session.finish();
  std::vector<SessionEvent> finals;
  while (auto event = session.next(while_waiting)) {
    if (event->kind == EventKind::kFinal && !event->words.empty()) {
      finals.push_back(std::move(*event));
    }
  }
  return finals;
}

}  // namespace harpy::tools
