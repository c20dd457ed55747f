#include "tools/terminal/progress_line.hpp"

#include <algorithm>
#include <cmath>

#include <unistd.h>

namespace harpy::tools {
namespace {

constexpr int kBarWidth = 24;
constexpr auto kTerminalInterval = std::chrono::milliseconds(200);
constexpr auto kPlainInterval = std::chrono::seconds(60);

std::string bar(double done) {
  const int filled = static_cast<int>(std::clamp(done, 0.0, 1.0) * kBarWidth);
  std::string text(kBarWidth, '.');
  std::fill(text.begin(), text.begin() + filled, '#');
  return "[" + text + "]";
}

}  // namespace

ProgressLine::ProgressLine(std::FILE* stream)
    : stream_(stream), terminal_(isatty(fileno(stream)) == 1), next_(Clock::now()) {}

ProgressLine::~ProgressLine() { clear(); }

void ProgressLine::show(double done, const std::string& text) {
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  if (terminal_) {
    std::fprintf(stream_, "\r\x1b[K%s %s", bar(done).c_str(), text.c_str());
    visible_ = true;
    next_ = now + kTerminalInterval;
  } else {
    std::fprintf(stream_, "%3.0f%% %s\n", 100.0 * done, text.c_str());
    next_ = now + kPlainInterval;
  }
  std::fflush(stream_);
}

void ProgressLine::print(const std::string& text) {
  clear();
  std::fprintf(stream_, "%s\n", text.c_str());
  std::fflush(stream_);
}

void ProgressLine::clear() {
  if (!visible_) return;
  std::fprintf(stream_, "\r\x1b[K");
  std::fflush(stream_);
  visible_ = false;
}

std::string format_duration(double seconds) {
  const auto total = static_cast<long long>(std::llround(std::max(seconds, 0.0)));
  char text[32];
  if (total >= 3600) {
    std::snprintf(text, sizeof(text), "%lld:%02lld:%02lld", total / 3600, total / 60 % 60,
                  total % 60);
  } else {
    std::snprintf(text, sizeof(text), "%lld:%02lld", total / 60, total % 60);
  }
  return text;
}

}  // namespace harpy::tools
