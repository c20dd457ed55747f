#include "service/server/health_pages.hpp"

#include <array>
#include <charconv>
#include <string>

#include <boost/json.hpp>

#include "service/json/json_text.hpp"

namespace harpy {

namespace http = boost::beast::http;
namespace json = boost::json;

namespace {

Response ready_page(const ServerState& state) {
  const std::string obstacle = state.obstacle();
  if (obstacle.empty()) return {.body = "ok"};
  return {.status = http::status::service_unavailable, .body = obstacle};
}

Response status_page(const ServerState& state) {
  const RecognizerLoad load = state.recognizer->load();
  json::object status;
  status["version"] = HARPY_VERSION;
  status["model"] = state.recognizer->model().description().name;
  status["model_version"] = state.recognizer->model().description().version;
  status["ready"] = state.obstacle().empty();
  status["draining"] = state.draining;
  status["sessions"] = state.sessions.size();
  status["capacity"] = state.capacity();
  status["sessions_total"] = state.counts.sessions;
  status["refused_sessions_total"] = state.counts.refused_sessions;
  status["refused_connections_total"] = state.counts.refused_connections;
  status["left_out_log_lines_total"] = state.counts.left_out_log_lines;
  status["audio_s_total"] = load.audio_s;
  status["cpu_s_total"] = load.cpu_s;
  if (load.cpu_s_per_audio_s) status["cpu_s_per_audio_s"] = *load.cpu_s_per_audio_s;
  return {.body = json_line(status), .content_type = "application/json"};
}

std::string number_text(double number) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), number).ptr;
  return {digits.begin(), end};
}

/// Prometheus's text format, version 0.0.4.
Response metrics_page(const ServerState& state) {
  const RecognizerLoad load = state.recognizer->load();
  std::string text;
  const auto add = [&text](const std::string& name, const std::string& type,
                           const std::string& help, double value) {
    text += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n" + name + " " +
            number_text(value) + "\n";
  };
  add("asr_sessions_active", "gauge", "Speech sessions that are open.",
      static_cast<double>(state.sessions.size()));
  add("asr_sessions_capacity", "gauge", "Speech sessions that can be served at once.",
      state.capacity());
  add("asr_ready", "gauge", "1 while new sessions are taken.", state.obstacle().empty() ? 1 : 0);
  add("asr_sessions_total", "counter", "Speech sessions that were opened.",
      static_cast<double>(state.counts.sessions));
  add("asr_sessions_rejected_total", "counter", "Speech sessions that were refused.",
      static_cast<double>(state.counts.refused_sessions));
  add("asr_connections_rejected_total", "counter", "Connections that were refused.",
      static_cast<double>(state.counts.refused_connections));
  add("asr_log_lines_left_out_total", "counter", "Log lines that clients caused too fast.",
      static_cast<double>(state.counts.left_out_log_lines));
  add("asr_audio_seconds_total", "counter", "Audio that was recognised.", load.audio_s);
  add("asr_decode_seconds_total", "counter", "CPU time that recognition took.", load.cpu_s);
  text.pop_back();
  return {.body = text, .content_type = "text/plain; version=0.0.4; charset=utf-8"};
}

}  // namespace

Response health_page(std::string_view path, const ServerState& state, bool is_admin) {
  if (path == "/livez") return {.body = "ok"};
  if (path == "/readyz") return ready_page(state);
  if (is_admin && path == "/v1/status") return status_page(state);
  if (is_admin && path == "/metrics") return metrics_page(state);
  return {.status = http::status::not_found,
          .body = is_admin ? "nothing here" : "nothing here; speech comes over WebSocket"};
}

}  // namespace harpy
