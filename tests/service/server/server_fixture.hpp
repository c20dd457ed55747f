#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <boost/json.hpp>

#include "service/server/server.hpp"
#include "tests/service/server/test_client.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/tiny_model.hpp"

namespace harpy::testing {

/// The sample rate of the tests' clients.
inline constexpr int kRateHz = 8000;

/// Sounds that change every tenth of a second, with a silence of two seconds after each three.
inline std::vector<std::int16_t> example_audio(int sample_rate_hz, double seconds,
                                               unsigned seed = 5) {
  std::mt19937 random(seed);
  std::vector<std::int16_t> samples(static_cast<std::size_t>(sample_rate_hz * seconds));
  double pitch_hz = 200.0;
  for (std::size_t index = 0; index < samples.size(); ++index) {
    if (index % static_cast<std::size_t>(sample_rate_hz / 10) == 0) {
      pitch_hz = 100.0 + static_cast<double>(random() % 3000);
    }
    const double time_s = static_cast<double>(index) / sample_rate_hz;
    const bool silent = std::fmod(time_s, 5.0) > 3.0;
    samples[index] =
        silent ? std::int16_t{0}
               : static_cast<std::int16_t>(9000.0 * std::sin(2.0 * M_PI * pitch_hz * time_s));
  }
  return samples;
}

/// The start of a WebSocket connection by a RawClient.
inline const std::string kUpgradeRequest =
    "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

/// A whole WebSocket frame as a client sends it, masked with zeros.
inline std::string client_frame(int opcode, std::string_view payload) {
  std::string frame{static_cast<char>(0x80 | opcode)};
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80 | payload.size());
  } else {
    const bool is_short = payload.size() < 65536;
    frame += static_cast<char>(is_short ? 0xfe : 0xff);
    for (int shift = is_short ? 8 : 56; shift >= 0; shift -= 8) {
      frame += static_cast<char>(payload.size() >> shift & 0xff);
    }
  }
  return frame.append(4, '\0').append(payload);
}

/// Keeps a log, and may keep the thread that writes to it.
class KeptLog : public spdlog::sinks::base_sink<std::mutex> {
 public:
  /// Whoever writes a line with this text is kept for that time.
  void stall_at(const std::string& text, std::chrono::milliseconds time) {
    const std::lock_guard lock(mutex_);
    stall_text_ = text;
    stall_time_ = time;
  }
  std::string text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const std::string line(message.payload.data(), message.payload.size());
    text_ += line + "\n";
    if (!stall_text_.empty() && line.find(stall_text_) != std::string::npos) {
      std::this_thread::sleep_for(stall_time_);
    }
  }
  void flush_() override {}

  std::string text_;
  std::string stall_text_;
  std::chrono::milliseconds stall_time_{};
};

/// Keeps one worker of a recognizer busy until it is let go.
class BusyWorker {
 public:
  explicit BusyWorker(Recognizer& recognizer) {
    session_ = recognizer.open({.progress = true}, [this](const SessionEvent&) {
      if (is_begun_) return;
      is_begun_ = true;
      began_.set_value();
      let_go_.get_future().wait();
    });
    session_->push(std::vector<float>(1600));
    began_.get_future().wait();
  }
  BusyWorker(const BusyWorker&) = delete;
  BusyWorker& operator=(const BusyWorker&) = delete;
  ~BusyWorker() { let_go(); }

  void let_go() {
    if (!std::exchange(is_let_go_, true)) let_go_.set_value();
  }

 private:
  std::promise<void> began_;
  std::promise<void> let_go_;
  bool is_begun_ = false;
  bool is_let_go_ = false;
  std::shared_ptr<Session> session_;
};

/// A server of the tiny model on a free port of loopback, in a thread of its own.
class ServerTest : public ::testing::Test {
 protected:
  ~ServerTest() override { stop(); }

  static std::shared_ptr<const ModelPackage> model() {
    static const std::shared_ptr<const ModelPackage> package = [] {
      const TemporaryDirectory directory;
      write_tiny_model(directory.path());
      const auto backend = create_backend({});
      return ModelPackage::load(*backend, directory.path());
    }();
    return package;
  }

  void start(const ServerLimits& limits = {}, const RecognizerOptions& recognizer = {
                                                  .device = {}, .worker_count = 2, .turn_s = 0.5}) {
    recognizer_ = std::make_shared<Recognizer>(model(), recognizer);
    ServerOptions options = options_;
    for (ListenerOptions& listener : options.listeners) listener.where.port = 0;
    options.admin = ListenAddress{};
    options.limits = limits;
    options.log = std::make_shared<spdlog::logger>("test", log_);
    server_ = std::make_unique<Server>(options);
    port_ = server_->port();
    thread_ = std::jthread([this] {
      server_->run(recognizers());
      const std::lock_guard lock(mutex_);
      has_ended_ = true;
      changed_.notify_all();
    });
  }

  /// Whether the server ends by itself within ten seconds.
  bool ends() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [this] { return has_ended_; });
  }

  /// Waits until the log has a text, at most ten seconds; whether it has.
  bool log_tells(const std::string& text) {
    for (int round = 0; round < 1000; ++round) {
      if (log_->text().find(text) != std::string::npos) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  /// Ends the server; returns its log.
  std::string stop() {
    if (server_) server_->stop();
    if (thread_.joinable()) thread_.join();
    server_.reset();
    recognizer_.reset();
    return log_->text();
  }

  std::uint16_t port() const { return port_; }
  std::uint16_t admin_port() const { return server_->admin_port(); }
  Server& server() { return *server_; }
  Recognizer& recognizer() { return *recognizer_; }
  /// What start gives the server besides limits and a log.
  ServerOptions& options() { return options_; }
  KeptLog& log() { return *log_; }
  /// Models that start gives the server behind the tiny one.
  std::vector<NamedRecognizer>& further_models() { return further_models_; }

  /// One HTTP request by bare TCP; the whole response.
  std::string request(const std::string& text) const { return request_of(port_, text); }
  static std::string request_of(std::uint16_t port, const std::string& text) {
    RawClient client(port);
    client.send(text);
    return client.read_to_end();
  }
  std::string get(const std::string& path) const { return get_of(port_, path); }
  static std::string get_of(std::uint16_t port, const std::string& path) {
    return request_of(port,
                      "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  }

  /// What a session of the recogniser says of the same samples, pushed at once.
  static std::string recognized_text(const std::vector<std::int16_t>& samples, int sample_rate_hz) {
    Recognizer recognizer(model(), {});
    std::mutex mutex;
    std::condition_variable changed;
    std::string text;
    bool ended = false;
    const auto session = recognizer.open(
        {.sample_rate_hz = static_cast<double>(sample_rate_hz)}, [&](const SessionEvent& event) {
          const std::lock_guard lock(mutex);
          if (event.kind == EventKind::kFinal && !event.words.empty()) {
            if (!text.empty()) text += ' ';
            text += event.text();
          }
          ended = event.kind == EventKind::kEnd;
          changed.notify_all();
        });
    std::vector<float> floats(samples.size());
    std::transform(samples.begin(), samples.end(), floats.begin(),
                   [](std::int16_t sample) { return static_cast<float>(sample) / 32768.0F; });
    session->push(floats);
    session->finish();
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return ended; });
    return text;
  }

  /// Collects the texts of finals as a client does.
  static void add_final(const std::string& reply, std::string& text) {
    const boost::json::value value = boost::json::parse(reply);
    const boost::json::value* final_text = value.as_object().if_contains("text");
    if (final_text == nullptr || final_text->as_string().empty()) return;
    if (!text.empty()) text += ' ';
    text += final_text->as_string();
  }

  /// Streams in lockstep, as vosk-server's test.py does; the joined text of all finals.
  static std::string stream_in_lockstep(TestClient& client, std::span<const std::int16_t> samples,
                                        std::size_t frame_samples) {
    std::string text;
    for (std::size_t begin = 0; begin < samples.size(); begin += frame_samples) {
      client.send_audio(samples.subspan(begin, std::min(frame_samples, samples.size() - begin)));
      add_final(client.receive(), text);
    }
    client.send_text(R"({"eof" : 1})");
    add_final(client.receive(), text);
    return text;
  }

 private:
  RecognizerSet recognizers() const {
    std::vector<NamedRecognizer> named{{model()->description().name, recognizer_}};
    named.insert(named.end(), further_models_.begin(), further_models_.end());
    return RecognizerSet(std::move(named));
  }

  const std::shared_ptr<KeptLog> log_ = std::make_shared<KeptLog>();
  ServerOptions options_;
  std::vector<NamedRecognizer> further_models_;
  std::shared_ptr<Recognizer> recognizer_;
  std::unique_ptr<Server> server_;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool has_ended_ = false;
  std::jthread thread_;
};

}  // namespace harpy::testing
