#include "tools/work/line_work.hpp"

#include <condition_variable>
#include <cstdint>
#include <istream>
#include <mutex>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "models/files/text_fields.hpp"

namespace harpy::tools {

namespace {

/// A line and its place among those that are answered.
struct TakenLine {
  std::string text;
  std::uint64_t number = 0;  ///< of the line, from 1
  std::uint64_t turn = 0;    ///< of its answer, from 0
};

/// Lines in, answers out in the same order.
class LineExchange {
 public:
  LineExchange(std::istream& lines, std::ostream& answers) : lines_(lines), answers_(answers) {}

  /// Waits for the next line; nothing at the end.
  std::optional<TakenLine> take() {
    const std::lock_guard lock(input_mutex_);
    TakenLine taken;
    while (!has_failed() && std::getline(lines_, taken.text)) {
      taken.number = ++line_count_;
      if (trim(taken.text).empty()) continue;
      taken.turn = taken_count_++;
      return taken;
    }
    return {};
  }

  /// Writes an answer when all before it are written.
  void give(std::uint64_t turn, const std::string& answer) {
    std::unique_lock lock(output_mutex_);
    next_turn_.wait(lock, [&] { return given_count_ == turn; });
    if (!has_failed_) has_failed_ = !(answers_ << answer << '\n' << std::flush);
    ++given_count_;
    lock.unlock();
    next_turn_.notify_all();
  }

  bool has_failed() {
    const std::lock_guard lock(output_mutex_);
    return has_failed_;
  }

 private:
  std::istream& lines_;
  std::ostream& answers_;
  std::mutex input_mutex_;  ///< held while waiting for a line
  std::uint64_t line_count_ = 0;
  std::uint64_t taken_count_ = 0;
  std::mutex output_mutex_;
  std::condition_variable next_turn_;
  std::uint64_t given_count_ = 0;
  bool has_failed_ = false;
};

}  // namespace

void work_on_lines(std::istream& lines, std::ostream& answers, int thread_count,
                   const LineAnswerer& answer) {
  LineExchange exchange(lines, answers);
  {
    std::vector<std::jthread> threads;
    threads.reserve(static_cast<std::size_t>(thread_count));
    for (int index = 0; index < thread_count; ++index) {
      threads.emplace_back([&] {
        while (const std::optional<TakenLine> line = exchange.take()) {
          const std::string source = "standard input:" + std::to_string(line->number);
          exchange.give(line->turn, answer(line->text, source).text);
        }
      });
    }
  }
  if (exchange.has_failed()) throw std::runtime_error("standard output cannot be written to");
}

}  // namespace harpy::tools
