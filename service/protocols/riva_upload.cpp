#include "service/protocols/riva_upload.hpp"

#include <optional>
#include <stdexcept>

namespace harpy {

namespace {

constexpr int kBadRecording = 400;
constexpr int kUsualRivaRateHz = 16000;
/// How a recording begins that says in a header what it holds, whatever the settings call it:
/// clients send WAV files as LINEAR_PCM.
constexpr std::string_view kWavBeginning = "RIFF";

std::optional<PcmFormat> raw_format(const RivaSettings& settings, std::string_view audio) {
  if (!settings.coding || audio.starts_with(kWavBeginning)) return std::nullopt;
  return PcmFormat{.coding = *settings.coding,
                   .sample_rate_hz = settings.sample_rate_hz.value_or(kUsualRivaRateHz),
                   .channel_count = settings.channel_count};
}

}  // namespace

void RivaUpload::take_body(std::string_view bytes, const Recording& recording) {
  try {
    const RivaMessage message = parse_riva_recording(bytes);
    const ServedModel& model = riva_model(*message.settings, served_);
    options_ = riva_session_options(*message.settings, model, served_.endpoint_times);
    form_ = {.max_alternatives = message.settings->max_alternatives,
             .word_times = message.settings->word_times,
             .written = options_.written,
             .id = message.id};
    recording.begin({.raw = raw_format(*message.settings, message.audio)});
    recording.take(message.audio);
  } catch (const RequestFault&) {
    throw;
  } catch (const std::runtime_error& error) {
    throw RequestFault(kBadRecording, error.what());
  }
}

HttpAnswer RivaUpload::answer(const UploadTranscript& transcript) {
  return {.body = riva_recording_response(transcript.finals(), form_)};
}

HttpAnswer RivaUpload::answer(const RequestFault& fault) const {
  return {.status = fault.status(), .body = fault.what()};
}

}  // namespace harpy
