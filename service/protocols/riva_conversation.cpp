#include "service/protocols/riva_conversation.hpp"

#include <cmath>
#include <stdexcept>
#include <utility>
#include <vector>

namespace harpy {

RivaConversation::RivaConversation(Line& line, OpenSession open, ProtocolSettings served)
    : StreamConversation(line, std::move(open), served.limits), served_(std::move(served)) {}

void RivaConversation::hear_bytes(std::span<const std::byte> bytes) {
  try {
    const RivaMessage message =
        parse_riva_live_message({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    if (!message.id.empty()) form_.id = message.id;
    if (message.settings.has_value() == settings_.has_value()) {
      throw std::runtime_error(settings_ ? "expected audio_content, got a second streaming_config"
                                         : "expected a streaming_config first");
    }
    if (message.settings) {
      line().count_command(bytes.size());
      return begin(*message.settings);
    }
    const auto audio = std::as_bytes(std::span(message.audio));
    if (audio.empty()) return;
    push([&](std::vector<float>& samples) { decoder_->decode(audio, samples); });
  } catch (const std::runtime_error& error) {
    fail(close_code::kBadMessage, "bad message", error.what());
  }
}

void RivaConversation::begin(const RivaSettings& settings) {
  if (!settings.coding) {
    throw std::runtime_error(
        "encoding: live audio must be raw: expected LINEAR_PCM, MULAW or ALAW; Recognize takes "
        "recordings in containers");
  }
  std::optional<int> rate_hz = settings.sample_rate_hz;
  if (!rate_hz && served_.sample_rate_hz) {
    rate_hz = static_cast<int>(std::lround(*served_.sample_rate_hz));
  }
  if (!rate_hz) throw std::runtime_error("sample_rate_hertz: raw audio needs one");
  const ServedModel& model = riva_model(settings, served_);
  options_ = riva_session_options(settings, model, served_.endpoint_times);
  options_.sample_rate_hz = *rate_hz;
  options_.progress = true;
  form_.max_alternatives = settings.max_alternatives;
  form_.word_times = settings.word_times;
  form_.written = options_.written;
  decoder_.emplace(PcmFormat{.coding = *settings.coding,
                             .sample_rate_hz = *rate_hz,
                             .channel_count = settings.channel_count});
  settings_ = settings;
}

SessionOptions RivaConversation::session_options() const { return options_; }

void RivaConversation::tell(const SessionEvent& event) {
  const bool is_told = event.kind == EventKind::kFinal ||
                       (event.kind == EventKind::kPartial && settings_->interim_results);
  if (!is_told || event.words.empty()) return;
  const std::string response = riva_live_response(event, form_);
  const auto bytes = std::as_bytes(std::span(response));
  line().send_bytes({bytes.begin(), bytes.end()});
}

}  // namespace harpy
