#include "service/protocols/upload_conversation.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace harpy {
namespace {

constexpr int kBadRequest = 400;
constexpr int kTimeout = 408;
constexpr int kTooLarge = 413;
constexpr int kInternalFault = 500;
constexpr int kUnavailable = 503;
/// Bytes of a recording that may wait for the decoder before more of the body is read.
constexpr std::size_t kMostWaitingBytes = std::size_t{256} << 10;

/// What a client is told whose request the server ends.
RequestFault fault_of(Ending reason) {
  const bool is_servers = reason == Ending::kShutdown || reason == Ending::kStop;
  return {is_servers ? kUnavailable : kTimeout, closing_of(reason).reason};
}

}  // namespace

UploadConversation::UploadConversation(Line& line, UploadCarrier& carrier, OpenSession open,
                                       std::unique_ptr<UploadProtocol> protocol,
                                       const Options& options)
    : line_(line),
      carrier_(carrier),
      open_(std::move(open)),
      protocol_(std::move(protocol)),
      options_(options) {}

UploadConversation::~UploadConversation() { cancel_sessions(); }

double UploadConversation::audio_s() const {
  if (channels_.empty()) return 0.0;
  return static_cast<double>(taken_frames_) / session_options_.sample_rate_hz;
}

std::size_t UploadConversation::input_room() const {
  bool has_room = !is_answered_;
  if (!is_body_done_) {
    has_room = has_room && !is_decoder_late();
  } else {
    has_room = has_room && !is_decoded_ && !is_holding() &&
               line_.unsent_count() < options_.max_waiting_replies;
  }
  return has_room ? std::numeric_limits<std::size_t>::max() : 0;
}

bool UploadConversation::is_decoder_late() const {
  return carrier_.undecoded_bytes() >= kMostWaitingBytes;
}

void UploadConversation::take_text(std::string_view text) {
  take_bytes(std::as_bytes(std::span(text)));
}

void UploadConversation::take_bytes(std::span<const std::byte> bytes) {
  if (is_answered_ || is_body_done_) return;
  try {
    protocol_->take_body({reinterpret_cast<const char*>(bytes.data()), bytes.size()},
                         {.begin =
                              [this](const UploadedFile& file) {
                                if (std::exchange(has_recording_, true)) {
                                  throw RequestFault(kBadRequest, "expected one recording");
                                }
                                carrier_.begin_recording(file);
                              },
                          .take = [this](std::string_view part) { carrier_.decode(part); }});
  } catch (const RequestFault& fault) {
    refuse(fault);
  }
}

void UploadConversation::take_end() {
  if (is_answered_ || std::exchange(is_body_done_, true)) return;
  try {
    session_options_ = protocol_->end_body();
    if (!has_recording_) throw RequestFault(kBadRequest, "expected a recording, got none");
    carrier_.end_recording();
  } catch (const RequestFault& fault) {
    refuse(fault);
  }
}

void UploadConversation::end(Ending reason) {
  // A recording that is here is recognised to its end even where the server shuts down.
  if (is_answered_ || (reason == Ending::kShutdown && is_body_done_)) return;
  refuse(fault_of(reason));
}

void UploadConversation::take_format(int sample_rate_hz, int channel_count) {
  if (is_answered_) return;
  session_options_.sample_rate_hz = sample_rate_hz;
  session_options_.partials = false;
  try {
    if (channel_count > 1) carrier_.take_sessions(channel_count);
    channels_.resize(static_cast<std::size_t>(channel_count));
    open_sessions();
  } catch (const RequestFault& fault) {
    return refuse(fault);
  } catch (const std::invalid_argument& error) {
    return refuse({kBadRequest, error.what()});
  }
  if (!protocol_->is_streamed()) return;
  is_head_sent_ = true;
  carrier_.send_head(protocol_->streamed_head(), true);
}

void UploadConversation::open_sessions() {
  transcript_.channels.resize(channels_.size());
  for (std::size_t index = 0; index < channels_.size(); ++index) {
    channels_[index].session = open_(
        session_options_, [this, index](const SessionEvent& event) { on_event(index, event); });
  }
}

void UploadConversation::cancel_sessions() {
  for (const Channel& channel : channels_) {
    if (channel.session) channel.session->cancel();
  }
}

bool UploadConversation::is_holding() const {
  return std::any_of(channels_.begin(), channels_.end(),
                     [](const Channel& channel) { return !channel.held.empty(); });
}

void UploadConversation::take_samples(std::span<const float> samples) {
  if (is_answered_) return;
  const std::size_t frame_count = samples.size() / channels_.size();
  taken_frames_ += static_cast<std::int64_t>(frame_count);
  if (audio_s() > options_.most_audio_s) {
    return refuse({kTooLarge, "the recording is longer than " +
                                  std::to_string(static_cast<int>(options_.most_audio_s)) + " s"});
  }
  for (std::size_t index = 0; index < channels_.size(); ++index) {
    std::vector<float>& own = channels_[index].held;
    own.resize(frame_count);
    for (std::size_t frame = 0; frame < frame_count; ++frame) {
      own[frame] = samples[frame * channels_.size() + index];
    }
  }
  push_held();
}

void UploadConversation::push_held() {
  for (Channel& channel : channels_) {
    if (channel.held.empty() || channel.session->push(channel.held) == PushResult::kFull) continue;
    channel.held.clear();
  }
  if (!is_decoded_ || is_holding() || std::exchange(is_finishing_, true)) return;
  for (const Channel& channel : channels_) channel.session->finish();
}

void UploadConversation::take_decoding_end(DecodingEnd end, const std::string& reason) {
  if (is_answered_) return;
  is_decoded_ = true;
  if (end == DecodingEnd::kBadAudio) return refuse({kBadRequest, reason, "file"});
  if (end == DecodingEnd::kFailed || channels_.empty()) {
    line_.note(Severity::kError, reason);
    return refuse({kInternalFault, reason});
  }
  if (!reason.empty()) line_.note(Severity::kWarning, reason);
  push_held();
}

void UploadConversation::on_event(std::size_t channel, const SessionEvent& event) {
  if (is_answered_) return;
  switch (event.kind) {
    case EventKind::kSpeechStart:
    case EventKind::kPartial:
    case EventKind::kProgress:
      return;
    case EventKind::kFinal:
      if (!event.words.empty()) take_final(channel, event);
      return;
    case EventKind::kRoom:
      return push_held();
    case EventKind::kError:
      if (event.is_refusal) return refuse({kBadRequest, event.error});
      line_.note(Severity::kError, "recognition failed: " + event.error);
      return refuse({kInternalFault, "recognition failed"});
    case EventKind::kEnd:
      return end_channel(channel);
  }
}

void UploadConversation::take_final(std::size_t channel, const SessionEvent& event) {
  if (!event.warning.empty()) line_.note(Severity::kWarning, event.warning);
  if (is_head_sent_) line_.send_text(protocol_->streamed_piece(event));
  transcript_.channels[channel].push_back(event);
}

void UploadConversation::end_channel(std::size_t channel) {
  channels_[channel].session.reset();
  const bool is_last = std::none_of(channels_.begin(), channels_.end(),
                                    [](const Channel& other) { return other.session != nullptr; });
  if (is_last) complete();
}

void UploadConversation::complete() {
  transcript_.audio_s = audio_s();
  send_last(protocol_->answer(transcript_),
            {.code = close_code::kNormal, .reason = "answered", .details = {}});
}

void UploadConversation::refuse(const RequestFault& fault) {
  send_last(is_head_sent_ ? HttpAnswer{.body = protocol_->streamed_fault(fault)}
                          : protocol_->answer(fault),
            {.code = close_code::kPolicy,
             .reason = "refused with status " + std::to_string(fault.status()),
             .details = fault.what()});
}

void UploadConversation::send_last(const HttpAnswer& answer, Closing closing) {
  is_answered_ = true;
  cancel_sessions();
  if (!is_head_sent_) carrier_.send_head(answer, false);
  line_.send_text(answer.body);
  line_.close(std::move(closing));
}

}  // namespace harpy
