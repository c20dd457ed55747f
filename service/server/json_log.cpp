#include "service/server/json_log.hpp"

#include <string>

#include <boost/json.hpp>

#include "models/files/escaped_text.hpp"
#include "service/json/json_text.hpp"
#include "service/server/utc_time.hpp"

namespace harpy {

namespace {

thread_local const LogSubject* current_subject = nullptr;

boost::json::string_view json_view(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

LoggingAbout::LoggingAbout(const LogSubject& subject) { current_subject = &subject; }

LoggingAbout::~LoggingAbout() { current_subject = nullptr; }

void JsonLogFormatter::format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) {
  const auto level = spdlog::level::to_string_view(message.level);
  boost::json::object object;
  object["time"] = utc_text(message.time);
  object["level"] = json_view({level.data(), level.size()});
  object["message"] =
      escape_invalid_utf8(std::string_view(message.payload.data(), message.payload.size()));
  const auto add = [&object](const char* name, std::string_view value) {
    if (!value.empty()) object[name] = json_view(value);
  };
  if (current_subject != nullptr) {
    add("client", current_subject->client);
    add("session", current_subject->session);
    add("request_id", current_subject->request_id);
    add("trace_id", current_subject->trace_id);
    add("key", current_subject->key);
  }
  const std::string text = json_line(object) + "\n";
  line.append(text.data(), text.data() + text.size());
}

std::unique_ptr<spdlog::formatter> JsonLogFormatter::clone() const {
  return std::make_unique<JsonLogFormatter>();
}

}  // namespace harpy
