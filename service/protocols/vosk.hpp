#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/recognizer/recognizer_options.hpp"
#include "service/recognizer/session_event.hpp"

namespace harpy {

/// What a client of the Vosk protocol may choose (docs/protocols.md). The defaults are
/// vosk-server's.
struct VoskSettings {
  double sample_rate_hz = 8000.0;     ///< of the audio frames; 4,000 to 192,000
  bool words = true;                  ///< whether finals carry each word's times
  bool partial_words = false;         ///< whether partials carry them too
  int max_alternatives = 0;           ///< above 0: finals have the form of n-best lists
  bool written = false;               ///< whether finals carry the written form beside the text
  SteeringRequest steering = {};      ///< of the sessions that begin from now on
  EndpointTimes endpoint_times = {};  ///< likewise

  bool operator==(const VoskSettings&) const = default;
};

/// A text message of a client.
struct VoskMessage {
  std::optional<VoskSettings> settings;  ///< of a config: all settings that hold from now on
  bool reset = false;                    ///< settle the utterance; audio goes on
  bool eof = false;                      ///< settle the utterance; no audio follows
  /// Keys of a config that Vosk knows and Harpy does not follow.
  std::vector<std::string_view> ignored_keys;
};

/// Reads a text message. Keys that nobody knows are ignored. Like vosk-server it takes numbers and
/// flags that are written as strings: "16000", "3", "True".
/// Errors: std::runtime_error saying what is wrong with the message.
VoskMessage parse_vosk_message(std::string_view text, const VoskSettings& current);

/// Whether a binary frame holds a text message, which some clients send in this way: a JSON object
/// with one of the keys of a message. Audio never looks like that.
bool is_vosk_message(std::string_view frame);

/// Reads a list of phrases as clients write it, a JSON list of texts.
/// Errors: std::runtime_error saying what is wrong with it.
std::vector<std::string> parse_vosk_phrases(std::string_view text);

/// What a session is asked for, so that the replies can follow the settings. It tells its progress.
SessionOptions vosk_session_options(const VoskSettings& settings);

/// The message {"error": reason}.
std::string vosk_error(std::string_view reason);

/// Turns a session's events into Vosk's replies, of which there is exactly one for each audio
/// frame, each reset and the eof.
class VoskReplies {
 public:
  /// Keeps the words of partials and finals for the next reply; other events are ignored.
  void accept(const SessionEvent& event);

  /// Whether utterances with words were settled since the last reply.
  bool has_settled() const { return !settled_.words.empty(); }

  /// A partial: the words since the last reply, which may change.
  std::string partial(const VoskSettings& settings) const;

  /// The utterances settled since the last reply, as one result. If there are none: a partial.
  std::string reply_to_audio(const VoskSettings& settings);

  /// The utterances settled since the last reply, as one result, which may have no words.
  std::string reply_to_end(const VoskSettings& settings);

 private:
  /// Words, their written form and alternatives of utterances settled since the last reply.
  SessionEvent settled_;
  std::vector<RecognizedWord> partial_words_;
};

}  // namespace harpy
