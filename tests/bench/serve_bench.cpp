// Real-time clients against a running harpy serve:
//   serve_bench PORT CLIENTS FRAME_MS RECORDING…
// Each client streams the recordings one after another in real time, in lockstep, and starts a
// little later than the one before. Prints percentiles, in milliseconds, of
//   reply: from the moment a frame was due to its reply,
//   partial: from the moment a word's last sample was due to the first reply with so many words,
//   word: to the first reply that shows the word as the result has it, which needs the words behind
//         it where they decide between likely ones.
// A word's end is the recogniser's.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include <boost/json.hpp>

#include "frontend/audio/audio_file.hpp"
#include "tests/bench/measurement.hpp"
#include "tests/service/server/test_client.hpp"

namespace {

using harpy::bench::Clock;
using Seconds = std::chrono::duration<double>;
namespace json = boost::json;

struct Recording {
  int sample_rate_hz = 0;
  std::vector<std::int16_t> samples;
};

Recording read_recording(const char* path) {
  harpy::AudioFile file(path);
  harpy::MonoReader reader(file);
  Recording recording{.sample_rate_hz = file.sample_rate_hz(), .samples = {}};
  for (auto samples = reader.read(); !samples.empty(); samples = reader.read()) {
    for (const float sample : samples) {
      recording.samples.push_back(
          static_cast<std::int16_t>(std::clamp(sample, -1.0F, 0.999F) * 32768.0F));
    }
  }
  return recording;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

/// What all clients measured, in milliseconds.
struct Latencies {
  std::mutex mutex;
  std::vector<float> replies_ms;
  std::vector<float> partials_ms;
  std::vector<float> words_ms;
};

/// A reply and when it came, in seconds after the recording began.
struct Reply {
  double time_s = 0.0;
  std::vector<std::string> words;
};

/// Adds the words of a result, given the replies since the result before, itself included.
void add_words(const json::value& result, const std::vector<Reply>& replies, Latencies& all) {
  const json::value* list = result.as_object().if_contains("result");
  if (list == nullptr) return;
  const json::array& words = list->as_array();
  const std::lock_guard lock(all.mutex);
  for (std::size_t index = 0; index < words.size(); ++index) {
    const auto& word = words[index].at("word").as_string();
    const auto has_word = [&](const Reply& reply) { return reply.words.size() > index; };
    const auto shows_word = [&](const Reply& reply) {
      return has_word(reply) && std::string_view(reply.words[index]) == word;
    };
    const double end_s = words[index].at("end").to_number<double>();
    const auto add = [&](std::vector<float>& latencies_ms, const auto& condition) {
      const auto first = std::find_if(replies.begin(), replies.end(), condition);
      latencies_ms.push_back(static_cast<float>(1000.0 * (first->time_s - end_s)));
    };
    add(all.partials_ms, has_word);
    add(all.words_ms, shows_word);
  }
}

void stream(std::uint16_t port, double frame_s, const Recording& recording, Latencies& all) {
  harpy::testing::TestClient client(port);
  client.send_text(R"({"config" : {"sample_rate" : )" + std::to_string(recording.sample_rate_hz) +
                   "}}");
  const auto frame_samples = static_cast<std::size_t>(frame_s * recording.sample_rate_hz);
  const std::span<const std::int16_t> samples(recording.samples);
  const auto start = Clock::now();
  std::vector<float> replies_ms;
  std::vector<Reply> replies;
  const auto receive = [&](double due_s) {
    const json::value reply = json::parse(client.receive());
    const double time_s = Seconds(Clock::now() - start).count();
    replies_ms.push_back(static_cast<float>(1000.0 * (time_s - due_s)));
    const json::value* text = reply.as_object().if_contains("text");
    const json::value& shown = text != nullptr ? *text : reply.at("partial");
    replies.push_back({time_s, words_of(std::string(shown.as_string()))});
    if (text == nullptr) return;
    add_words(reply, replies, all);
    replies.clear();
  };
  for (std::size_t begin = 0; begin < samples.size(); begin += frame_samples) {
    const std::size_t end = std::min(begin + frame_samples, samples.size());
    const double due_s = static_cast<double>(end) / recording.sample_rate_hz;
    std::this_thread::sleep_until(start +
                                  std::chrono::duration_cast<Clock::duration>(Seconds(due_s)));
    client.send_audio(samples.subspan(begin, end - begin));
    receive(due_s);
  }
  client.send_text(R"({"eof" : 1})");
  receive(static_cast<double>(samples.size()) / recording.sample_rate_hz);
  const std::lock_guard lock(all.mutex);
  all.replies_ms.insert(all.replies_ms.end(), replies_ms.begin(), replies_ms.end());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr, "usage: serve_bench PORT CLIENTS FRAME_MS RECORDING...\n");
    return 2;
  }
  const auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  const int client_count = std::atoi(argv[2]);
  const double frame_s = std::atof(argv[3]) / 1000.0;
  std::vector<Recording> recordings;
  for (int index = 4; index < argc; ++index) recordings.push_back(read_recording(argv[index]));
  Latencies latencies;
  {
    std::vector<std::jthread> clients;
    for (int client = 0; client < client_count; ++client) {
      clients.emplace_back([&, client] {
        std::this_thread::sleep_for(Seconds(0.077 * client));
        for (std::size_t turn = 0; turn < recordings.size(); ++turn) {
          const std::size_t index = (turn + static_cast<std::size_t>(client)) % recordings.size();
          stream(port, frame_s, recordings[index], latencies);
        }
      });
    }
  }
  harpy::bench::print_percentiles("reply", latencies.replies_ms);
  if (latencies.words_ms.empty()) return 0;
  harpy::bench::print_percentiles("partial", latencies.partials_ms);
  harpy::bench::print_percentiles("word", latencies.words_ms);
  return 0;
}
