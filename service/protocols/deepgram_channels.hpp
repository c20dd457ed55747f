#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "service/protocols/deepgram_conversation.hpp"

namespace harpy {

/// A conversation in Deepgram's live protocol whose channels are recognised each for itself: takes
/// the interleaved samples apart, and has a DeepgramConversation for each channel, whose results
/// tell which one it is. The client sees one conversation, with one end.
class DeepgramChannels : public Conversation {
 public:
  /// `live` is what the client asked for, with its number of channels.
  DeepgramChannels(Line& line, const OpenSession& open, const DeepgramLive& live);
  DeepgramChannels(const DeepgramChannels&) = delete;
  DeepgramChannels& operator=(const DeepgramChannels&) = delete;
  ~DeepgramChannels() override;

  void take_text(std::string_view text) override;
  void take_bytes(std::span<const std::byte> bytes) override;
  void take_end() override;
  void end(Ending reason) override;
  std::size_t input_room() const override;
  std::size_t max_text_bytes() const override;
  bool owes_reply() const override;
  double audio_s() const override;

 private:
  class ChannelLine;

  struct Channel {
    std::unique_ptr<ChannelLine> line;
    std::unique_ptr<DeepgramConversation> conversation;
    std::vector<std::byte> bytes;  ///< of the samples that are being taken
  };

  /// Calls a function for each channel, until the conversation is closed.
  template <typename Action>
  void for_each_channel(const Action& action);
  void channel_closed(Closing closing);

  Line& line_;
  const DeepgramContext context_;
  const std::size_t sample_bytes_;
  std::vector<Channel> channels_;
  std::vector<std::byte> rest_;  ///< the beginning of samples of all channels
  std::size_t closed_count_ = 0;
  std::optional<Closing> closing_;  ///< of the channel that closed first
  /// The channels are asked for their end, and each closes when its result is told.
  bool is_ending_ = false;
  bool is_closed_ = false;
};

}  // namespace harpy
