#include "service/server/json_log.hpp"

#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <boost/json.hpp>

namespace harpy {
namespace {

class JsonLogTest : public ::testing::Test {
 protected:
  JsonLogTest() {
    const auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text_);
    sink->set_formatter(JsonLogFormatter().clone());
    log_ = std::make_unique<spdlog::logger>("test", sink);
  }
  /// The line that was written since the last call.
  boost::json::object line() {
    const std::string line = text_.str();
    text_.str("");
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    return boost::json::parse(line.substr(0, line.size() - 1)).as_object();
  }

  std::ostringstream text_;
  std::unique_ptr<spdlog::logger> log_;
};

TEST_F(JsonLogTest, ALineIsAnObjectWithTimeLevelAndMessage) {
  log_->warn("two\nlines and a \"quote\"");
  const boost::json::object object = line();
  EXPECT_EQ(object.at("level"), "warning");
  EXPECT_EQ(object.at("message"), "two\nlines and a \"quote\"");
  EXPECT_EQ(object.at("time").as_string().size(), std::string("2024-08-29T22:37:55.202Z").size());
  EXPECT_EQ(object.size(), 3U);
}

TEST_F(JsonLogTest, WhatALineIsAboutIsSaidAsLongAsItIs) {
  {
    const LogSubject subject{.client = "192.0.2.7", .request_id = "r", .key = "phone"};
    const LoggingAbout about(subject);
    log_->info("opened");
  }
  const boost::json::object opened = line();
  EXPECT_EQ(opened.at("client"), "192.0.2.7");
  EXPECT_EQ(opened.at("request_id"), "r");
  EXPECT_EQ(opened.at("key"), "phone");
  EXPECT_FALSE(opened.contains("session"));
  log_->info("something else");
  EXPECT_FALSE(line().contains("client"));
}

TEST_F(JsonLogTest, BytesThatAreNoTextLeaveTheLineOne) {
  log_->info("\xff\x01");
  EXPECT_NE(line().at("message").as_string().find("\x01"), boost::json::string::npos);
}

}  // namespace
}  // namespace harpy
