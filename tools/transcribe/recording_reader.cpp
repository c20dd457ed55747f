#include "tools/transcribe/recording_reader.hpp"

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "models/files/text_fields.hpp"
#include "tools/transcribe/pieces.hpp"

namespace harpy::tools {

/// Collects a session's events on the recognizer's threads.
class RecordingReader::Events {
 public:
  Events(AudioProgress progress, std::function<void()> on_change)
      : progress_(std::move(progress)), on_change_(std::move(on_change)) {}

  void handle(const SessionEvent& event, double sample_rate_hz) {
    const std::lock_guard lock(mutex_);
    if (is_closed_) return;
    switch (event.kind) {
      case EventKind::kFinal:
        if (!event.words.empty()) finals_.push_back(event);
        return;
      case EventKind::kProgress:
        if (progress_) {
          progress_(static_cast<double>(event.sample_count - reported_samples_) / sample_rate_hz);
        }
        reported_samples_ = event.sample_count;
        return;
      case EventKind::kSpeechStart:
        speech_starts_s_.push_back(event.start_s);
        return;
      case EventKind::kPartial:
        return;
      case EventKind::kError:
        error_ = event.error;
        has_ended_ = true;
        break;
      case EventKind::kEnd:
        has_ended_ = true;
        break;
      case EventKind::kRoom:
        break;
    }
    on_change_();
  }

  bool has_ended() {
    const std::lock_guard lock(mutex_);
    return has_ended_;
  }

  /// No event is taken from now on.
  void close(Transcription& result) {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    result.finals = std::move(finals_);
    result.speech_starts_s = std::move(speech_starts_s_);
    if (result.error.empty()) result.error = error_;
  }

 private:
  const AudioProgress progress_;
  const std::function<void()> on_change_;
  std::mutex mutex_;  ///< guards what follows
  std::int64_t reported_samples_ = 0;
  std::vector<SessionEvent> finals_;
  std::vector<double> speech_starts_s_;
  std::string error_;
  bool has_ended_ = false;
  bool is_closed_ = false;
};

namespace {

/// A grammar that allows the recording's text and nothing else.
/// Errors: std::runtime_error for a recording without words.
std::string grammar_of_text(const Recording& recording) {
  std::string grammar = "#JSGF V1.0;\ngrammar text;\npublic <text> =";
  const auto words = split_fields(recording.text);
  if (words.empty()) {
    throw std::runtime_error(recording.id + ": it has no text to align with its audio");
  }
  for (const std::string_view word : words) {
    grammar += " \"";
    for (const char c : word) {
      if (c == '"' || c == '\\') grammar += '\\';
      grammar += c;
    }
    grammar += '"';
  }
  return grammar + ";\n";
}

/// The texts of utterances, joined by single spaces.
template <typename TextOf>
std::string join_utterances(const std::vector<SessionEvent>& finals, TextOf text_of) {
  std::string joined;
  for (const SessionEvent& event : finals) {
    if (!joined.empty()) joined += ' ';
    joined += text_of(event);
  }
  return joined;
}

void cut_all(std::vector<SessionEvent>& utterances, double piece_s) {
  std::vector<SessionEvent> all;
  for (const SessionEvent& utterance : utterances) {
    for (SessionEvent& piece : cut_at_pauses(utterance, piece_s)) all.push_back(std::move(piece));
  }
  utterances = std::move(all);
}

/// Makes a text that was not found an error.
void check_alignment(const Recording& recording, Transcription& result) {
  const std::size_t expected = split_fields(recording.text).size();
  std::size_t found = 0;
  for (const SessionEvent& event : result.finals) found += event.words.size();
  if (found == expected) return;
  result.error = recording.id + ": its text does not fit its audio";
}

}  // namespace

std::string Transcription::text() const {
  return join_utterances(finals, [](const SessionEvent& event) { return event.text(); });
}

std::string Transcription::shown_text() const {
  return join_utterances(
      finals, [](const SessionEvent& event) { return joined_text(event.shown_words()); });
}

RecordingReader::RecordingReader(Recognizer& recognizer, Recording recording,
                                 TranscribingOptions options, std::function<void()> on_change)
    : recognizer_(recognizer),
      recording_(std::move(recording)),
      options_(std::move(options)),
      events_(std::make_shared<Events>(options_.progress, std::move(on_change))) {}

RecordingReader::~RecordingReader() { take_result(); }

bool RecordingReader::read() {
  try {
    if (!session_) open();
    return read_on();
  } catch (const std::exception& error) {
    result_.error = error.what();
    const std::string spooled = recording_.spooled.string();
    if (!spooled.empty() && result_.error.starts_with(spooled)) {
      result_.error.replace(0, spooled.size(), "standard input");
      // How to convert a file says nothing of one that is not the user's.
      result_.error.erase(std::min(result_.error.find("; convert it"), result_.error.size()));
    }
    return true;
  }
}

void RecordingReader::open() {
  opened_ = open_recording(recording_);
  const double rate_hz = opened_.source->sample_rate_hz();
  samples_.emplace(*opened_.source, recording_.start_s, recording_.end_s,
                   ChannelSelection{.channel = recording_.channel});
  SessionOptions session = options_.session;
  session.sample_rate_hz = rate_hz;
  session.partials = false;
  session.progress = static_cast<bool>(options_.progress);
  if (options_.aligns) {
    session.steering = {.grammar = grammar_of_text(recording_)};
    session.endpoints = false;
  }
  session_ = recognizer_.open(session, [events = events_, rate_hz](const SessionEvent& event) {
    events->handle(event, rate_hz);
  });
}

bool RecordingReader::read_on() {
  while (!is_at_end_ && !events_->has_ended()) {
    if (unpushed_.empty()) unpushed_ = samples_->read();
    if (unpushed_.empty()) {
      is_at_end_ = true;
      session_->finish();
    } else if (session_->push(unpushed_) == PushResult::kFull) {
      return false;
    } else {
      result_.duration_s +=
          static_cast<double>(unpushed_.size()) / opened_.source->sample_rate_hz();
      unpushed_ = {};
    }
  }
  return events_->has_ended();
}

Transcription RecordingReader::take_result() {
  events_->close(result_);
  if (session_) session_->cancel();
  if (samples_ && result_.error.empty()) {
    const std::string name =
        recording_.spooled.empty() ? opened_.source->name() : std::string("standard input");
    for (const std::string& note : samples_->notes()) result_.notes.push_back(name + ": " + note);
  }
  if (options_.aligns && result_.error.empty()) check_alignment(recording_, result_);
  if (options_.piece_s > 0.0) cut_all(result_.finals, options_.piece_s);
  return std::move(result_);
}

}  // namespace harpy::tools
