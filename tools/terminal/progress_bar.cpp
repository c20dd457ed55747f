#include "tools/terminal/progress_bar.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace harpy::tools {

namespace {

constexpr std::chrono::milliseconds kTerminalInterval(100);
constexpr std::chrono::seconds kLineInterval(60);
constexpr std::size_t kDefaultWidth = 80;
constexpr std::size_t kShortestBar = 5;

std::size_t terminal_width(std::FILE* stream) {
  winsize size{};
  if (ioctl(fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kDefaultWidth;
  return size.ws_col;
}

}  // namespace

std::string bar_line(double done, const std::string& text, std::size_t width,
                     std::size_t longest_bar) {
  constexpr std::size_t kFrame = 3;  // two brackets and a space
  const std::size_t room =
      width > text.size() + kFrame ? std::min(longest_bar, width - text.size() - kFrame) : 0;
  if (room < kShortestBar) return text.substr(0, width);
  const auto filled =
      static_cast<std::size_t>(std::clamp(done, 0.0, 1.0) * static_cast<double>(room));
  return "[" + std::string(filled, '#') + std::string(room - filled, '.') + "] " + text;
}

bool ProgressBar::can_draw(std::FILE* stream) {
  const char* terminal = std::getenv("TERM");
  return isatty(fileno(stream)) == 1 && (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
}

ProgressBar::ProgressBar(std::FILE* stream, const ProgressBarOptions& options)
    : stream_(stream), options_(options), is_terminal_(can_draw(stream)) {}

ProgressBar::~ProgressBar() { hide(); }

void ProgressBar::show(double done, const std::string& text) {
  const std::lock_guard lock(mutex_);
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  if (is_terminal_) {
    // The last column stays free: some terminals would begin a new line.
    const std::string line =
        bar_line(done, text, terminal_width(stream_) - 1, options_.longest_bar);
    std::fprintf(stream_, "\r\033[K%s", line.c_str());
    is_shown_ = true;
    next_ = now + kTerminalInterval;
  } else if (options_.lines_elsewhere) {
    std::fprintf(stream_, "%3.0f%% %s\n", 100.0 * done, text.c_str());
    next_ = now + kLineInterval;
  }
  std::fflush(stream_);
}

void ProgressBar::print(const std::string& text) {
  const std::lock_guard lock(mutex_);
  clear();
  std::fprintf(stream_, "%s\n", text.c_str());
  std::fflush(stream_);
}

void ProgressBar::hide() {
  const std::lock_guard lock(mutex_);
  clear();
}

void ProgressBar::clear() {
  if (!is_shown_) return;
  std::fputs("\r\033[K", stream_);
  std::fflush(stream_);
  is_shown_ = false;
}

}  // namespace harpy::tools
