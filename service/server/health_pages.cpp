#include "service/server/health_pages.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string_view>

#include <boost/json.hpp>

#include "service/json/json_text.hpp"
#include "service/server/metrics_page.hpp"

namespace harpy {

namespace http = boost::beast::http;
namespace json = boost::json;

namespace {

Response ready_page(const ServerState& state) {
  const std::string obstacle = state.obstacle();
  if (obstacle.empty()) return {.body = "ok"};
  return {.status = http::status::service_unavailable, .body = obstacle};
}

std::uint64_t sum_of(const std::map<std::string_view, std::uint64_t>& counts) {
  std::uint64_t sum = 0;
  for (const auto& [name, count] : counts) sum += count;
  return sum;
}

Response status_page(const ServerState& state) {
  const ModelDescription& model = state.recognizers.first().model().description();
  RecognizerLoad load;
  json::array models;
  for (const NamedRecognizer& item : state.recognizers.named()) {
    const RecognizerLoad own = item.recognizer->load();
    load.audio_s += own.audio_s;
    load.cpu_s += own.cpu_s;
    const ModelDescription& description = item.recognizer->model().description();
    json::object entry{{"name", item.name}, {"version", description.version}};
    if (own.cpu_s_per_audio_s) entry["cpu_s_per_audio_s"] = *own.cpu_s_per_audio_s;
    models.push_back(std::move(entry));
  }
  json::object status;
  status["version"] = HARPY_VERSION;
  status["model"] = model.name;
  status["model_version"] = model.version;
  status["models"] = std::move(models);
  status["ready"] = state.obstacle().empty();
  status["draining"] = state.draining;
  status["sessions"] = state.session_count;
  status["capacity"] = state.capacity();
  status["sessions_total"] = state.counts.sessions;
  status["refused_sessions_total"] = sum_of(state.counts.refused_sessions);
  status["refused_connections_total"] = sum_of(state.counts.refused_connections);
  status["left_out_log_lines_total"] = state.counts.left_out_log_lines;
  status["audio_s_total"] = load.audio_s;
  status["cpu_s_total"] = load.cpu_s;
  const RecognizerLoad first = state.recognizers.first().load();
  if (first.cpu_s_per_audio_s) status["cpu_s_per_audio_s"] = *first.cpu_s_per_audio_s;
  return {.body = json_line(status), .content_type = "application/json"};
}

}  // namespace

std::string_view health_route(std::string_view path) {
  static constexpr std::array<std::string_view, 4> kPages{"/livez", "/readyz", "/v1/status",
                                                          "/metrics"};
  const auto found = std::find(kPages.begin(), kPages.end(), path);
  return found == kPages.end() ? std::string_view() : *found;
}

Response health_page(std::string_view path, const ServerState& state, bool is_admin) {
  if (path == "/livez") return {.body = "ok"};
  if (path == "/readyz") return ready_page(state);
  if (is_admin && path == "/v1/status") return status_page(state);
  if (is_admin && path == "/metrics") {
    return {.body = metrics_text(state),
            .content_type = "text/plain; version=0.0.4; charset=utf-8"};
  }
  return {.status = http::status::not_found,
          .body = is_admin ? "nothing here" : "nothing here; speech comes over WebSocket"};
}

}  // namespace harpy
