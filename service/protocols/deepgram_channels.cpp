#include "service/protocols/deepgram_channels.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace harpy {

/// What a channel says goes to the client, but for its end.
class DeepgramChannels::ChannelLine : public Line {
 public:
  ChannelLine(DeepgramChannels& channels, bool is_first)
      : channels_(channels), is_first_(is_first) {}

  void send_text(std::string text) override {
    if (!is_closed_ && !channels_.is_closed_) channels_.line_.send_text(std::move(text));
  }
  void send_bytes(std::vector<std::byte>) override {}
  void close(Closing closing) override {
    if (!std::exchange(is_closed_, true)) channels_.channel_closed(std::move(closing));
  }
  std::size_t unsent_count() const override { return channels_.line_.unsent_count(); }
  void count_command(std::size_t bytes) override {
    if (is_first_) channels_.line_.count_command(bytes);
  }
  void note(Severity severity, const std::string& text) override {
    if (is_first_) channels_.line_.note(severity, text);
  }

 private:
  DeepgramChannels& channels_;
  const bool is_first_;  ///< what all channels say alike is told once
  bool is_closed_ = false;
};

DeepgramChannels::DeepgramChannels(Line& line, const OpenSession& open, const DeepgramLive& live)
    : line_(line),
      context_(live.context),
      sample_bytes_(static_cast<std::size_t>(pcm_sample_bytes(live.format.coding))) {
  for (int index = 0; index < live.format.channel_count; ++index) {
    DeepgramLive own = live;
    own.format.channel_count = 1;
    own.context.channel = index;
    Channel& channel = channels_.emplace_back();
    channel.line = std::make_unique<ChannelLine>(*this, index == 0);
    channel.conversation = std::make_unique<DeepgramConversation>(*channel.line, open, own);
  }
}

DeepgramChannels::~DeepgramChannels() = default;

template <typename Action>
void DeepgramChannels::for_each_channel(const Action& action) {
  for (Channel& channel : channels_) {
    if (!is_closed_) action(channel);
  }
}

void DeepgramChannels::take_text(std::string_view text) {
  is_ending_ = is_ending_ || is_deepgram_close(text);
  for_each_channel([text](Channel& channel) { channel.conversation->take_text(text); });
}

void DeepgramChannels::take_bytes(std::span<const std::byte> bytes) {
  if (bytes.empty()) {
    is_ending_ = true;
    return for_each_channel([bytes](Channel& channel) { channel.conversation->take_bytes(bytes); });
  }
  rest_.insert(rest_.end(), bytes.begin(), bytes.end());
  const std::size_t frame_bytes = sample_bytes_ * channels_.size();
  const std::size_t whole = rest_.size() - rest_.size() % frame_bytes;
  if (whole == 0) return;
  for (std::size_t index = 0; index < channels_.size(); ++index) {
    std::vector<std::byte>& own = channels_[index].bytes;
    own.clear();
    for (std::size_t place = index * sample_bytes_; place < whole; place += frame_bytes) {
      const auto sample = rest_.begin() + static_cast<std::ptrdiff_t>(place);
      own.insert(own.end(), sample, sample + static_cast<std::ptrdiff_t>(sample_bytes_));
    }
  }
  rest_.erase(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(whole));
  for_each_channel([](Channel& channel) { channel.conversation->take_bytes(channel.bytes); });
}

void DeepgramChannels::take_end() {
  is_ending_ = true;
  for_each_channel([](Channel& channel) { channel.conversation->take_end(); });
}

void DeepgramChannels::end(Ending reason) {
  is_ending_ = reason != Ending::kStop;
  for_each_channel([reason](Channel& channel) { channel.conversation->end(reason); });
}

std::size_t DeepgramChannels::input_room() const {
  std::size_t least = channels_.front().conversation->input_room();
  for (const Channel& channel : channels_) {
    least = std::min(least, channel.conversation->input_room());
  }
  return is_closed_ ? 0 : least;
}

std::size_t DeepgramChannels::max_text_bytes() const {
  return channels_.front().conversation->max_text_bytes();
}

bool DeepgramChannels::owes_reply() const {
  return !is_closed_ && std::any_of(channels_.begin(), channels_.end(), [](const Channel& channel) {
    return channel.conversation->owes_reply();
  });
}

double DeepgramChannels::audio_s() const { return channels_.front().conversation->audio_s(); }

/// One that closes unasked ends all; otherwise the last one does.
void DeepgramChannels::channel_closed(Closing closing) {
  ++closed_count_;
  if (!closing_) closing_ = std::move(closing);
  if (is_closed_ || (is_ending_ && closed_count_ < channels_.size())) return;
  if (is_ending_) line_.send_text(deepgram_metadata(audio_s(), context_));
  is_closed_ = true;
  line_.close(*closing_);
}

}  // namespace harpy
