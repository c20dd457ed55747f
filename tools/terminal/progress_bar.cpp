#include "tools/terminal/progress_bar.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace harpy::tools {

namespace {

constexpr std::chrono::milliseconds kInterval(100);
constexpr std::size_t kDefaultWidth = 80;
constexpr std::size_t kLongestBar = 40;
constexpr std::size_t kShortestBar = 5;
/// Before that, rate and remaining time would be guesses.
constexpr double kLeastElapsed_s = 0.2;

std::string duration(double seconds) {
  const auto whole = static_cast<long long>(std::ceil(seconds));
  std::array<char, 40> text{};
  if (whole >= 3600) {
    std::snprintf(text.data(), text.size(), "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60,
                  whole % 60);
  } else {
    std::snprintf(text.data(), text.size(), "%lld:%02lld", whole / 60, whole % 60);
  }
  return text.data();
}

std::size_t terminal_width(std::FILE* stream) {
  winsize size{};
  if (ioctl(fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kDefaultWidth;
  return size.ws_col;
}

}  // namespace

std::string progress_line(const ProgressState& state, std::size_t width) {
  const double share =
      state.total_s && *state.total_s > 0.0
          ? state.done_s / *state.total_s
          : static_cast<double>(state.done_count) /
                static_cast<double>(std::max<std::size_t>(1, state.recording_count));
  const double done = std::clamp(share, 0.0, 1.0);
  std::string text = " " + std::to_string(static_cast<int>(100.0 * done)) + " %";
  if (state.recording_count > 1) {
    text += "  " + std::to_string(state.done_count) + " of " +
            std::to_string(state.recording_count) + " recordings";
  }
  if (state.elapsed_s >= kLeastElapsed_s && state.done_s > 0.0) {
    text += "  " + std::to_string(std::llround(state.done_s / state.elapsed_s)) + " x real time";
    if (done > 0.0) text += "  " + duration(state.elapsed_s * (1.0 - done) / done) + " left";
  }
  const std::size_t bar_size =
      width > text.size() + 2 ? std::min(kLongestBar, width - text.size() - 2) : 0;
  if (bar_size < kShortestBar) return text.substr(0, width);
  const auto filled = static_cast<std::size_t>(done * static_cast<double>(bar_size));
  return "[" + std::string(filled, '#') + std::string(bar_size - filled, '.') + "]" + text;
}

bool ProgressBar::can_draw(std::FILE* stream) {
  const char* terminal = std::getenv("TERM");
  return isatty(fileno(stream)) == 1 && (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
}

ProgressBar::ProgressBar(std::FILE* stream, std::size_t recording_count,
                         std::optional<double> total_s)
    : stream_(stream), is_terminal_(can_draw(stream)) {
  state_.recording_count = recording_count;
  state_.total_s = total_s;
}

ProgressBar::~ProgressBar() { hide(); }

void ProgressBar::add_audio(double seconds) {
  const std::lock_guard lock(mutex_);
  state_.done_s += seconds;
  draw_if_due();
}

void ProgressBar::add_recording() {
  const std::lock_guard lock(mutex_);
  ++state_.done_count;
  draw_if_due();
}

void ProgressBar::hide() {
  const std::lock_guard lock(mutex_);
  clear();
}

void ProgressBar::draw_if_due() {
  const Clock::time_point now = Clock::now();
  if (!is_terminal_ || now - last_drawn_ < kInterval) return;
  last_drawn_ = now;
  state_.elapsed_s = std::chrono::duration<double>(now - begin_).count();
  // The last column stays free: some terminals would begin a new line.
  const std::string line = progress_line(state_, terminal_width(stream_) - 1);
  std::fprintf(stream_, "\r\033[K%s", line.c_str());
  std::fflush(stream_);
  is_shown_ = true;
}

void ProgressBar::clear() {
  if (!is_shown_) return;
  std::fputs("\r\033[K", stream_);
  std::fflush(stream_);
  is_shown_ = false;
}

}  // namespace harpy::tools
