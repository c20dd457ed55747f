#include "service/protocols/kaldi_tcp_conversation.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace harpy {

namespace {

constexpr double kUsualKaldiRateHz = 16000.0;
constexpr double kPartialPeriodS = 1.0;

MakeConversation accept_kaldi_tcp(const ClientRequest&, const ProtocolSettings& settings) {
  const KaldiTcpOptions options{
      .sample_rate_hz = settings.sample_rate_hz.value_or(kUsualKaldiRateHz),
      .endpoint_times = settings.endpoint_times,
      .limits = settings.limits};
  return [options](Line& line, OpenSession open) {
    return std::make_unique<KaldiTcpConversation>(line, std::move(open), options);
  };
}

/// Nothing: a line would be taken for words.
RefusalText word_kaldi_refusal(const Refusal&, const ClientRequest&) { return {}; }

}  // namespace

KaldiTcpConversation::KaldiTcpConversation(Line& line, OpenSession open,
                                           const KaldiTcpOptions& options)
    : StreamConversation(line, std::move(open), options.limits),
      options_(options),
      next_partial_s_(kPartialPeriodS) {}

void KaldiTcpConversation::hear_bytes(std::span<const std::byte> bytes) {
  push([&](std::vector<float>& samples) { decoder_.decode(bytes, samples); });
}

SessionOptions KaldiTcpConversation::session_options() const {
  return {.sample_rate_hz = options_.sample_rate_hz,
          .endpoint_times = options_.endpoint_times,
          .progress = true};
}

void KaldiTcpConversation::tell(const SessionEvent& event) {
  if (event.kind == EventKind::kPartial) {
    partial_ = event;
  } else if (event.kind == EventKind::kFinal) {
    partial_ = {};
    tell_words(event, '\n');
  } else if (event.kind == EventKind::kProgress && worked_s() >= next_partial_s_) {
    next_partial_s_ = worked_s() + kPartialPeriodS;
    if (!partial_.words.empty()) tell_words(partial_, '\r');
  }
}

void KaldiTcpConversation::tell_words(const SessionEvent& event, char end) {
  std::string text;
  for (const RecognizedWord& word : event.words) text += word.text + ' ';
  line().send_text(text + end);
}

Protocol kaldi_tcp_protocol() {
  return {.name = "kaldi",
          .carrier = Carrier::kTcp,
          .path = "",
          .accept = accept_kaldi_tcp,
          .word_refusal = word_kaldi_refusal};
}

}  // namespace harpy
