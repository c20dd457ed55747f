#include "service/protocols/sherpa_conversation.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace harpy {

namespace {

constexpr double kUsualRateHz = 16000.0;
constexpr std::string_view kExpectedDone = "a text message must be \"Done\"";

SherpaOptions sherpa_options(const ProtocolSettings& settings) {
  return {.sample_rate_hz = settings.sample_rate_hz.value_or(kUsualRateHz),
          .endpoint_times = settings.endpoint_times,
          .language = settings.model.language,
          .limits = settings.limits};
}

template <typename Spoken>
MakeConversation accept_sherpa(const ClientRequest&, const ProtocolSettings& settings) {
  return [options = sherpa_options(settings)](Line& line, OpenSession open) {
    return std::make_unique<Spoken>(line, std::move(open), options);
  };
}

RefusalText word_sherpa_refusal(const Refusal& refusal, const ClientRequest&) {
  return {.body = refusal.reason};
}

}  // namespace

SherpaConversation::SherpaConversation(Line& line, OpenSession open, const SherpaOptions& options)
    : StreamConversation(line, std::move(open), options.limits), options_(options) {}

void SherpaConversation::hear_text(std::string_view text) {
  if (text != kSherpaDone) return fail(close_code::kBadMessage, "bad message", kExpectedDone);
  ask(Request::kEnd);
}

void SherpaConversation::hear_bytes(std::span<const std::byte> bytes) {
  push([&](std::vector<float>& samples) { decoder_.decode(bytes, samples); });
}

SessionOptions SherpaConversation::session_options() const {
  return {.sample_rate_hz = options_.sample_rate_hz,
          .endpoint_times = options_.endpoint_times,
          .progress = true};
}

void SherpaConversation::tell(const SessionEvent& event) {
  if (event.kind == EventKind::kPartial) {
    line().send_text(sherpa_result(event, {.segment = segment_}));
  } else if (event.kind == EventKind::kFinal) {
    if (last_final_) tell_final(*last_final_, false);
    last_final_.reset();
    if (is_settling()) {
      last_final_ = event;
    } else {
      tell_final(event, false);
    }
  }
}

void SherpaConversation::tell_final(const SessionEvent& event, bool is_eof) {
  line().send_text(
      sherpa_result(event, {.segment = segment_++, .is_final = true, .is_eof = is_eof}));
}

void SherpaConversation::tell_settled(Request, bool) {
  tell_final(last_final_.value_or(SessionEvent{.start_s = audio_s(), .error = {}}), true);
  line().send_text(std::string(kSherpaAllDone));
}

SherpaOfflineConversation::SherpaOfflineConversation(Line& line, OpenSession open,
                                                     const SherpaOptions& options)
    : StreamConversation(line, std::move(open), options.limits), options_(options) {}

void SherpaOfflineConversation::hear_text(std::string_view text) {
  if (text != kSherpaDone) return fail(close_code::kBadMessage, "bad message", kExpectedDone);
  if (recording_) {
    return fail(close_code::kBadMessage, "bad message", "the recording is not complete");
  }
  close({.code = close_code::kNormal, .reason = std::string(kSherpaDone)});
}

void SherpaOfflineConversation::hear_bytes(std::span<const std::byte> bytes) {
  if (!recording_) {
    const std::size_t missing = std::min(kSherpaHeadBytes - head_.size(), bytes.size());
    head_.append(reinterpret_cast<const char*>(bytes.data()), missing);
    bytes = bytes.subspan(missing);
    if (head_.size() < kSherpaHeadBytes) return;
    try {
      recording_ = parse_sherpa_head(head_);
    } catch (const std::runtime_error& error) {
      return fail(close_code::kBadMessage, "bad message", error.what());
    }
    head_.clear();
    begin_s_ = audio_s();
  }
  if (bytes.size() > recording_->byte_count) {
    return fail(close_code::kBadMessage, "bad message",
                "more bytes than the head of the recording says");
  }
  recording_->byte_count -= bytes.size();
  if (!bytes.empty()) {
    push([&](std::vector<float>& samples) { decoder_.decode(bytes, samples); });
  }
  if (recording_->byte_count == 0) ask(Request::kFlush);
}

SessionOptions SherpaOfflineConversation::session_options() const {
  return {.sample_rate_hz = static_cast<double>(recording_->sample_rate_hz),
          .partials = false,
          .endpoint_times = options_.endpoint_times,
          .progress = true};
}

void SherpaOfflineConversation::tell(const SessionEvent& event) {
  if (event.kind != EventKind::kFinal) return;
  for (RecognizedWord word : event.words) {
    word.start_s -= begin_s_;
    word.end_s -= begin_s_;
    settled_.words.push_back(std::move(word));
  }
}

void SherpaOfflineConversation::tell_settled(Request request, bool) {
  const bool is_whole = request == Request::kFlush;
  recording_.reset();
  decoder_ = PcmDecoder(PcmCoding::kFloat32);
  const SessionEvent settled = std::exchange(settled_, {});
  if (is_whole) line().send_text(sherpa_offline_result(settled, options_.language));
}

Protocol sherpa_protocol() {
  return {.name = "sherpa",
          .carrier = Carrier::kWebSocket,
          .path = "",
          .accept = accept_sherpa<SherpaConversation>,
          .word_refusal = word_sherpa_refusal};
}

Protocol sherpa_offline_protocol() {
  return {.name = "sherpa-offline",
          .carrier = Carrier::kWebSocket,
          .path = "",
          .accept = accept_sherpa<SherpaOfflineConversation>,
          .word_refusal = word_sherpa_refusal};
}

}  // namespace harpy
