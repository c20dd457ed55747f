#include "service/server/recording_transport.hpp"

#include <utility>

#include "models/files/escaped_text.hpp"

namespace harpy {

namespace {

constexpr int kNoDecoder = 500;

}  // namespace

MakeConversation RecordingTransport::upload_with(std::unique_ptr<UploadProtocol> protocol) {
  of_uploads_.emplace(shared_state_->upload_count);
  return [this, shared = std::make_shared<std::unique_ptr<UploadProtocol>>(std::move(protocol))](
             Line& line, OpenSession open) {
    auto conversation = std::make_unique<UploadConversation>(
        line, *this, std::move(open), std::move(*shared),
        UploadConversation::Options{.most_audio_s = state().limits().max_upload_s,
                                    .max_waiting_replies = state().limits().max_waiting_replies});
    upload_ = conversation.get();
    return conversation;
  };
}

/// A handler of the decoder's that lets the conversation do something.
template <typename Action>
auto RecordingTransport::for_conversation(Action action) {
  return [weak = weak_from_this(), this, action = std::move(action)](const auto&... values) {
    const auto self = weak.lock();
    if (!self) return;
    guarded([&] { converse([&](Conversation&) { action(values...); }); })();
  };
}

void RecordingTransport::begin_recording(const UploadedFile& file) {
  DecodingRequest request{.raw = file.raw,
                          .separate_channels = file.separate_channels,
                          .most_bytes = state().limits().max_upload_bytes};
  if (!file.name.empty()) request.name = escape_for_line(file.name);
  UploadDecoder::Calls calls{
      .has_taken = for_conversation([] {}),
      .begins = for_conversation([this](const HelperHeader& header) {
        upload_->take_format(header.sample_rate_hz, header.channel_count);
      }),
      .gives = for_conversation(
          [this](std::span<const float> samples) { upload_->take_samples(samples); }),
      .ends = for_conversation([this](DecodingEnd end, const std::string& reason) {
        upload_->take_decoding_end(end, reason);
      })};
  try {
    decoder_ = UploadDecoder::start(shared_state_->io, state().options.decoding_program,
                                    std::move(request), std::move(calls));
  } catch (const std::exception& error) {
    note(Severity::kError, error.what());
    throw RequestFault(kNoDecoder, "recordings cannot be decoded");
  }
}

void RecordingTransport::take_sessions(int count) {
  const auto refusal = take_more_sessions(count - 1);
  if (refusal) throw RequestFault(refusal->status, refusal->reason);
}

void RecordingTransport::read_samples() {
  watch().received(0, true, Clock::now());
  if (decoder_) decoder_->read();
}

void RecordingTransport::stop_decoder() {
  if (decoder_) decoder_->stop();
}

}  // namespace harpy
