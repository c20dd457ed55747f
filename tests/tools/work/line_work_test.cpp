#include "tools/work/line_work.hpp"

#include <atomic>
#include <chrono>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>

namespace harpy::tools {
namespace {

TEST(LineWork, AnswersComeInTheOrderOfTheLines) {
  std::string lines;
  std::string expected;
  for (int i = 0; i < 300; ++i) {
    lines += std::to_string(i) + (i % 7 == 0 ? "\n \n" : "\n");
    expected += "to " + std::to_string(i) + "\n";
  }
  for (const int threads : {1, 2, 8}) {
    std::istringstream input(lines + "last without end");
    std::ostringstream output;
    work_on_lines(input, output, threads, [](const std::string& line, const std::string&) {
      // Early lines take longest.
      std::this_thread::sleep_for(std::chrono::microseconds(line.size() < 2 ? 3000 : 10));
      return LineAnswer{.id = {}, .text = "to " + line};
    });
    EXPECT_EQ(output.str(), expected + "to last without end\n");
  }
}

TEST(LineWork, SourcesTellTheNumberOfTheLine) {
  std::istringstream input("\na\n\nb\n");
  std::ostringstream output;
  work_on_lines(input, output, 1, [](const std::string&, const std::string& source) {
    return LineAnswer{.id = {}, .text = source};
  });
  EXPECT_EQ(output.str(), "standard input:2\nstandard input:4\n");
}

TEST(LineWork, NoMoreLinesAreTakenThanThereAreThreads) {
  std::istringstream input("1\n2\n3\n4\n5\n6\n");
  std::ostringstream output;
  std::atomic<int> at_work = 0;
  std::atomic<int> most = 0;
  work_on_lines(input, output, 2, [&](const std::string&, const std::string&) {
    most = std::max(most.load(), ++at_work);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    --at_work;
    return LineAnswer{};
  });
  EXPECT_LE(most, 2);
}

TEST(LineWork, AnOutputThatFailsEndsIt) {
  std::istringstream input("1\n2\n3\n");
  std::ostringstream output;
  output.setstate(std::ios::failbit);
  std::atomic<int> count = 0;
  EXPECT_THROW(work_on_lines(input, output, 1,
                             [&](const std::string&, const std::string&) {
                               ++count;
                               return LineAnswer{};
                             }),
               std::runtime_error);
  EXPECT_EQ(count, 1);
}

}  // namespace
}  // namespace harpy::tools
