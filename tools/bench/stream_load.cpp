#include "tools/bench/stream_load.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>
#include <mutex>
#include <string_view>
#include <thread>

#include <boost/json.hpp>

#include "frontend/audio/audio_file.hpp"

namespace harpy::tools {

namespace {

namespace json = boost::json;
using LoadClock = std::chrono::steady_clock;
using LoadSeconds = std::chrono::duration<double>;

/// From the start of a client to that of the next one.
constexpr double kStartDistance_s = 0.077;
/// So that many clients have all started before the first ones end.
constexpr double kMostStart_s = 5.0;
constexpr double kMillisecondsPerSecond = 1000.0;

std::vector<std::string> words_in(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

/// A reply and when it came, in seconds after the recording began.
struct TimedReply {
  double time_s = 0.0;
  std::vector<std::string> words;
};

/// Adds the words of a result, given the replies since the result before, itself included.
void add_words(const json::value& result, const std::vector<TimedReply>& replies,
               StreamLatencies& own) {
  const json::value* list = result.as_object().if_contains("result");
  if (list == nullptr) return;
  const json::array& words = list->as_array();
  for (std::size_t index = 0; index < words.size(); ++index) {
    const auto& word = words[index].at("word").as_string();
    const auto has_word = [&](const TimedReply& reply) { return reply.words.size() > index; };
    const auto shows_word = [&](const TimedReply& reply) {
      return has_word(reply) && std::string_view(reply.words[index]) == word;
    };
    const double end_s = words[index].at("end").to_number<double>();
    const auto add = [&](std::vector<float>& latencies_ms, const auto& condition) {
      const auto first = std::find_if(replies.begin(), replies.end(), condition);
      if (first == replies.end()) return;
      latencies_ms.push_back(static_cast<float>(kMillisecondsPerSecond * (first->time_s - end_s)));
    };
    add(own.partials_ms, has_word);
    add(own.words_ms, shows_word);
  }
}

void stream_recording(const StreamLoad& load, const LoadRecording& recording,
                      StreamLatencies& own) {
  WebSocketClient client(load.server);
  client.send_text(R"({"config" : {"sample_rate" : )" + std::to_string(recording.sample_rate_hz) +
                   "}}");
  const auto frame_samples =
      std::max<std::size_t>(1, static_cast<std::size_t>(load.frame_s * recording.sample_rate_hz));
  const std::span<const std::int16_t> samples(recording.samples);
  const auto start = LoadClock::now();
  std::vector<TimedReply> replies;
  const auto receive = [&](double due_s) {
    const json::value reply = json::parse(client.receive());
    const double time_s = LoadSeconds(LoadClock::now() - start).count();
    const auto latency_ms = static_cast<float>(kMillisecondsPerSecond * (time_s - due_s));
    own.replies_ms.push_back(latency_ms);
    const json::value* text = reply.as_object().if_contains("text");
    const json::value& shown = text != nullptr ? *text : reply.at("partial");
    replies.push_back({time_s, words_in(std::string(shown.as_string()))});
    if (text == nullptr) return;
    own.finals_ms.push_back(latency_ms);
    add_words(reply, replies, own);
    replies.clear();
  };
  for (std::size_t begin = 0; begin < samples.size(); begin += frame_samples) {
    const std::size_t end = std::min(begin + frame_samples, samples.size());
    const double due_s = static_cast<double>(end) / recording.sample_rate_hz;
    std::this_thread::sleep_until(
        start + std::chrono::duration_cast<LoadClock::duration>(LoadSeconds(due_s)));
    client.send_bytes(std::as_bytes(samples.subspan(begin, end - begin)));
    receive(due_s);
  }
  client.send_text(R"({"eof" : 1})");
  receive(static_cast<double>(samples.size()) / recording.sample_rate_hz);
}

void stream_all(const StreamLoad& load, std::span<const LoadRecording> recordings,
                std::size_t client, StreamLatencies& own) {
  const auto began = LoadClock::now();
  for (std::size_t turn = 0;
       turn < recordings.size() || LoadSeconds(LoadClock::now() - began).count() < load.least_s;
       ++turn) {
    stream_recording(load, recordings[(turn + client) % recordings.size()], own);
  }
}

void append(const std::vector<float>& own, std::vector<float>& all) {
  all.insert(all.end(), own.begin(), own.end());
}

}  // namespace

LoadRecording read_load_recording(const std::filesystem::path& path) {
  AudioFile file(path);
  MonoReader reader(file);
  LoadRecording recording{.sample_rate_hz = file.sample_rate_hz(), .samples = {}};
  for (auto samples = reader.read(); !samples.empty(); samples = reader.read()) {
    for (const float sample : samples) {
      recording.samples.push_back(
          static_cast<std::int16_t>(std::clamp(sample, -1.0F, 0.999F) * 32768.0F));
    }
  }
  return recording;
}

StreamLatencies run_stream_load(const StreamLoad& load, std::span<const LoadRecording> recordings) {
  StreamLatencies all;
  std::mutex mutex;
  std::vector<std::jthread> clients;
  const double distance_s = std::min(kStartDistance_s, kMostStart_s / load.client_count);
  clients.reserve(static_cast<std::size_t>(load.client_count));
  for (int client = 0; client < load.client_count; ++client) {
    clients.emplace_back([&, client] {
      std::this_thread::sleep_for(LoadSeconds(distance_s * client));
      StreamLatencies own;
      try {
        stream_all(load, recordings, static_cast<std::size_t>(client), own);
      } catch (const std::exception& error) {
        own.failures.emplace_back(error.what());
      }
      const std::lock_guard lock(mutex);
      append(own.replies_ms, all.replies_ms);
      append(own.finals_ms, all.finals_ms);
      append(own.partials_ms, all.partials_ms);
      append(own.words_ms, all.words_ms);
      all.failures.insert(all.failures.end(), own.failures.begin(), own.failures.end());
    });
  }
  clients.clear();  // waits for them
  return all;
}

double percentile_of(std::vector<float>& values, double percent) {
  if (values.empty()) return 0.0;
  std::sort(values.begin(), values.end());
  const double place = percent / 100.0 * static_cast<double>(values.size() - 1);
  return static_cast<double>(values[static_cast<std::size_t>(place)]);
}

}  // namespace harpy::tools
