#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "service/capi/loaded_model.hpp"
#include "service/protocols/vosk.hpp"
#include "service/recognizer/event_queue.hpp"
#include "service/recognizer/session.hpp"

namespace harpy::capi {

/// Recognises audio while its caller waits, and tells results when it is asked, as Vosk's library
/// does. It talks to one session after another: a session ends where a result is wanted although no
/// silence has ended the utterance. Threads: one at a time.
class BlockingRecognizer {
 public:
  /// Errors: std::invalid_argument for an impossible sample rate; std::runtime_error if the model's
  /// device is not usable.
  BlockingRecognizer(std::shared_ptr<LoadedModel> model, double sample_rate_hz);
  ~BlockingRecognizer();
  BlockingRecognizer(const BlockingRecognizer&) = delete;
  BlockingRecognizer& operator=(const BlockingRecognizer&) = delete;

  /// Changes hold for utterances whose audio begins later.
  VoskSettings& settings() { return settings_; }

  /// Sets a closed grammar, a JSON list of phrases; an empty one means the whole vocabulary. If it
  /// is refused, the former one stays. Errors: std::runtime_error or std::invalid_argument saying
  /// what is wrong with it.
  void set_grammar(std::string_view json);

  /// Recognises samples, which are in [-1, 1]. Returns whether utterances have ended that no result
  /// has told yet. Errors: std::runtime_error if recognition fails; what was not told is lost.
  bool accept(std::span<const float> samples);

  /// The utterances that have ended since the last result, as JSON; if none has, the running one
  /// ends here. Errors: as accept.
  std::string result();
  /// The words since the last result, as JSON.
  std::string partial_result() const { return replies_.partial(settings_); }
  /// Ends the running utterance and tells everything since the last result. Errors: as accept.
  std::string final_result();
  /// Forgets everything since the last result.
  void reset();

 private:
  void open_session();
  /// Recognises all audio of the session to its end, if there is a session.
  void end_session();
  /// Leaves the session, whose audio counts for the times of the next.
  void leave_session();
  /// Everything that has ended since the last result.
  std::string tell();
  /// Takes events until one is the awaited one.
  template <typename IsAwaited>
  void follow_until(IsAwaited is_awaited);

  std::shared_ptr<LoadedModel> model_;
  VoskSettings settings_;
  VoskReplies replies_;
  std::shared_ptr<Session> session_;
  std::shared_ptr<EventQueue> events_;  ///< of session_
  VoskSettings session_settings_;       ///< that session_ was opened with
  std::int64_t pushed_samples_ = 0;     ///< to session_
  double earlier_audio_s_ = 0.0;        ///< of the sessions before
  bool has_untold_audio_ = false;       ///< audio has come since the last result
};

}  // namespace harpy::capi
