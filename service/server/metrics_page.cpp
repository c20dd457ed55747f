#include "service/server/metrics_page.hpp"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "service/server/metric_families.hpp"
#include "service/server/process_metrics.hpp"

namespace harpy {

namespace {

using Families = std::vector<prometheus::MetricFamily>;

void add_sessions(const ServerState& state, Families& families) {
  const ServerCounts& counts = state.counts;
  auto& active =
      families.emplace_back(gauge_family("asr_sessions_active", "Speech sessions that are open."));
  for (const auto& [protocol, count] : counts.active_sessions) {
    add_gauge(active, {{"protocol", std::string(protocol)}}, static_cast<double>(count));
  }
  auto& ended = families.emplace_back(
      counter_family("asr_sessions_total", "Speech sessions that have ended, and how."));
  for (const auto& [kind, count] : counts.ended_sessions) {
    add_counter(ended,
                {{"protocol", std::string(kind.first)}, {"outcome", std::string(kind.second)}},
                static_cast<double>(count));
  }
  auto& refused = families.emplace_back(
      counter_family("asr_sessions_rejected_total", "Speech sessions that were refused, and why."));
  for (const auto& [reason, count] : counts.refused_sessions) {
    add_counter(refused, {{"reason", std::string(reason)}}, static_cast<double>(count));
  }
  const int capacity = state.capacity();
  families.push_back(gauge_family("asr_sessions_capacity",
                                  "Speech sessions that can be served at once.", capacity));
  families.push_back(gauge_family("asr_load_ratio",
                                  "Open speech sessions by those that can be served at once.",
                                  static_cast<double>(state.session_count) / capacity));
  families.push_back(gauge_family("asr_ready", "1 while new sessions are taken.",
                                  state.obstacle().empty() ? 1.0 : 0.0));
}

void add_connections(const ServerState& state, Families& families) {
  auto& refused = families.emplace_back(
      counter_family("asr_connections_rejected_total", "Connections that were refused, and why."));
  for (const auto& [reason, count] : state.counts.refused_connections) {
    add_counter(refused, {{"reason", std::string(reason)}}, static_cast<double>(count));
  }
  families.push_back(counter_family("asr_audio_received_bytes_total",
                                    "Bytes that were received in speech sessions.",
                                    static_cast<double>(state.counts.received_bytes)));
  families.push_back(counter_family("asr_log_lines_left_out_total",
                                    "Log lines that clients caused too fast.",
                                    static_cast<double>(state.counts.left_out_log_lines)));
  auto& requests = families.emplace_back(
      histogram_family("http_server_request_duration_seconds",
                       "From an HTTP request to the end of its answer, but for WebSockets."));
  for (const auto& [kind, histogram] : state.counts.requests) {
    const auto& [method, route, code] = kind;
    add_histogram(requests,
                  {{"method", std::string(method)},
                   {"route", std::string(route)},
                   {"code", std::to_string(code)}},
                  histogram);
  }
}

void add_recognition(const RecognitionMetrics& metrics, Families& families) {
  families.push_back(
      counter_family("asr_audio_seconds_total", "Audio that was recognised.", metrics.audio_s));
  auto& cpu = families.emplace_back(
      counter_family("asr_decode_seconds_total", "CPU time that recognition took, and for what."));
  // What is added while this is read may be in a part before it is in the whole.
  const double network_s = metrics.network_cpu_s;
  const double search_s = metrics.search_cpu_s;
  add_counter(cpu, {{"stage", "network"}}, network_s);
  add_counter(cpu, {{"stage", "search"}}, search_s);
  add_counter(cpu, {{"stage", "rest"}}, std::max(0.0, metrics.cpu_s - network_s - search_s));
  const auto add = [&families](const char* name, const char* help,
                               const AtomicHistogram& histogram) {
    add_histogram(families.emplace_back(histogram_family(name, help)), {}, histogram);
  };
  add("asr_queue_wait_seconds", "How long the oldest audio of a session waited for a worker.",
      metrics.queue_wait_s);
  add("asr_first_partial_latency_seconds",
      "From the first audio of a real-time session to its first words.",
      metrics.first_partial_latency_s);
  add("asr_partial_latency_seconds", "From the last audio in it to a partial, in real time.",
      metrics.partial_latency_s);
  add("asr_final_latency_seconds",
      "From the last audio, or the asking for the end, to a final, in real time.",
      metrics.final_latency_s);
  add("asr_real_time_factor", "Time of a worker for each second of audio.",
      metrics.real_time_factor);
  add("asr_batch_size", "Sessions that a worker takes together.", metrics.batch_size);
  add("asr_active_tokens", "Paths that a search follows, behind each block of frames.",
      metrics.active_tokens);
  families.push_back(counter_family("asr_beam_reduced_total",
                                    "Blocks behind which a search had as many paths as it may.",
                                    static_cast<double>(metrics.reduced_beams)));
  if (const std::uint64_t used = metrics.device_memory_bytes; used > 0) {
    families.push_back(gauge_family("asr_gpu_memory_bytes",
                                    "Memory of the GPU that is in use, by whichever program.",
                                    static_cast<double>(used)));
  }
  families.push_back(counter_family("asr_gpu_fallback_total",
                                    "Devices that were lost and that the CPU stands in for.",
                                    static_cast<double>(metrics.device_losses)));
}

}  // namespace

std::string metrics_text(const ServerState& state) {
  Families families;
  add_gauge(families.emplace_back(gauge_family("asr_build_info", "The program, always 1.")),
            {{"version", HARPY_VERSION}}, 1.0);
  add_sessions(state, families);
  add_connections(state, families);
  // All recognizers of a server count in the same metrics.
  add_recognition(state.recognizers.first().metrics(), families);
  auto& models =
      families.emplace_back(gauge_family("asr_model_loaded_info", "The models, each always 1."));
  for (const NamedRecognizer& item : state.recognizers.named()) {
    add_gauge(models,
              {{"model", item.name}, {"version", item.recognizer->model().description().version}},
              1.0);
  }
  const Families process = process_metrics(state.began);
  families.insert(families.end(), process.begin(), process.end());
  // A family that nothing has been counted in yet is left out.
  std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, families);
  return text.str();
}

}  // namespace harpy
