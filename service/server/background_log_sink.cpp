#include "service/server/background_log_sink.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

namespace harpy {

namespace {

/// How often a writer that waits for its reader looks whether it is to end.
constexpr int kLogPollMs = 50;

}  // namespace

BackgroundLogSink::BackgroundLogSink(int descriptor, const BackgroundLogOptions& options)
    : descriptor_(descriptor),
      options_(options),
      writer_([this](const std::stop_token& stop) { write_lines(stop); }) {}

BackgroundLogSink::~BackgroundLogSink() {
  {
    const std::lock_guard lock(mutex_);
    deadline_ = std::chrono::steady_clock::now() + options_.closing_time;
  }
  writer_.request_stop();
  writer_.join();
}

void BackgroundLogSink::log(const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t formatted;
  {
    const std::lock_guard lock(mutex_);
    formatter_->format(message, formatted);
    if (lines_.size() >= options_.max_waiting_lines) {
      lines_.pop_front();
      ++dropped_count_;
    }
    lines_.emplace_back(formatted.data(), formatted.size());
  }
  changed_.notify_one();
}

void BackgroundLogSink::set_pattern(const std::string& pattern) {
  set_formatter(std::make_unique<spdlog::pattern_formatter>(pattern));
}

void BackgroundLogSink::set_formatter(std::unique_ptr<spdlog::formatter> formatter) {
  const std::lock_guard lock(mutex_);
  formatter_ = std::move(formatter);
}

void BackgroundLogSink::write_lines(const std::stop_token& stop) {
  for (Next next; next_line(stop, next);) {
    const Written written = write(next.text, stop);
    if (written == Written::kEnded) return;
    if (written == Written::kAll) continue;
    const std::lock_guard lock(mutex_);
    dropped_count_ += next.line_count;
  }
}

bool BackgroundLogSink::next_line(const std::stop_token& stop, Next& next) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [this] { return !lines_.empty(); });
  if (lines_.empty()) return false;
  next.text = std::move(lines_.front());
  lines_.pop_front();
  const std::uint64_t dropped = std::exchange(dropped_count_, 0);
  next.line_count = dropped + 1;
  if (dropped > 0) {
    next.text.insert(
        0, "(" + std::to_string(dropped) + " log lines were dropped: nobody took them)\n");
  }
  return true;
}

BackgroundLogSink::Written BackgroundLogSink::write(std::string_view text,
                                                    const std::stop_token& stop) const {
  while (!text.empty()) {
    pollfd state{.fd = descriptor_, .events = POLLOUT, .revents = 0};
    const int ready = ::poll(&state, 1, kLogPollMs);
    if (ready == 0 || (ready < 0 && errno == EINTR)) {
      if (stop.stop_requested() && std::chrono::steady_clock::now() >= deadline_) {
        return Written::kEnded;
      }
      continue;
    }
    // A pipe that can take anything takes this much at once.
    const ssize_t written =
        ::write(descriptor_, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (written < 0) return Written::kFailed;  // nobody reads any more, or the disk is full
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return Written::kAll;
}

}  // namespace harpy
