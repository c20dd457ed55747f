#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "decoder/graph/symbol_table.hpp"
#include "decoder/lattice/compact_lattice.hpp"
#include "decoder/lattice/lattice.hpp"

namespace harpy {

/// A phone and when it was spoken, in seconds from the start of the session's audio.
struct RecognizedPhone {
  std::string name;
  double start_s = 0.0;
  double end_s = 0.0;

  bool operator==(const RecognizedPhone&) const = default;
};

/// A recognised word and when it was spoken, in seconds from the start of the session's audio.
struct RecognizedWord {
  std::string text;
  double start_s = 0.0;
  double end_s = 0.0;
  /// How probable it is that the word was said there, in [0, 1]; absent unless a kFinal was asked
  /// for it.
  std::optional<double> confidence = std::nullopt;
  std::vector<RecognizedPhone> phones = {};  ///< of a kFinal, if asked for

  bool operator==(const RecognizedWord&) const = default;
};

/// The words joined by single spaces.
std::string joined_text(std::span<const RecognizedWord> words);

/// One of the likeliest word sequences of an utterance.
struct Alternative {
  std::vector<RecognizedWord> words;  ///< without confidences
  double score = 0.0;  ///< logarithm of the path's probability, not normalised: minus its cost
  double probability = 0.0;  ///< of the sequence among all in the lattice

  bool operator==(const Alternative&) const = default;
};

/// What the search found beside the best path: of a kFinal whose session asked for it.
struct UtteranceLattice {
  /// Frames are those that were searched: where blank
  /// frames are skipped, fewer than of the audio.
  std::shared_ptr<const CompactLattice> compact;
  std::shared_ptr<const Lattice> raw;
  std::shared_ptr<const SymbolTable> words;  ///< the names of word ids
};

enum class EventKind {
  /// If asked for in SessionOptions: the first sound of speech of an utterance, at `start_s`.
  kSpeechStart,
  kPartial,   ///< the words of the running utterance so far; later events may change them
  kFinal,     ///< the words of an utterance, which change no more; the next utterance begins
  kProgress,  ///< if asked for in SessionOptions: how much of the audio has been worked off
  kRoom,      ///< after Session::push has returned kFull: there is room again
  kError,     ///< the session failed and has ended; `error` says why; nothing follows
  kEnd,       ///< all audio is recognised; nothing follows
};

/// Something a session tells its user.
struct SessionEvent {
  EventKind kind = EventKind::kPartial;
  std::vector<RecognizedWord> words;
  /// Of a kFinal, if asked for: the words as they are written, which may have blanks in them, each
  /// with the time of the words that it stands for.
  std::vector<RecognizedWord> written = {};
  std::vector<Alternative> alternatives = {};  ///< of a kFinal, if asked for: likeliest first
  UtteranceLattice lattice = {};
  double start_s = 0.0;  ///< when the utterance began
  double end_s = 0.0;    ///< up to when it has been recognised so far
  /// How many of the samples that were pushed since the session's start have been worked off; their
  /// last frames may still wait until a block of the model's grid is full.
  std::int64_t sample_count = 0;
  std::string error;
  /// Of a kFinal: what was asked for and could not be done, such as a second pass that would have
  /// come too late; empty where all was.
  std::string warning = {};
  /// With kError: the session's options ask for something impossible, and `error` names it.
  bool is_refusal = false;

  /// The words joined by single spaces.
  std::string text() const;
  /// What is shown to readers: the written form where it was asked for, else the words.
  const std::vector<RecognizedWord>& shown_words() const {
    return written.empty() ? words : written;
  }
};

/// The event with all its times later by so many seconds: as it counts from the first sample of a
/// talk of several sessions.
SessionEvent later_by(SessionEvent event, double offset_s);

/// Called on a worker thread, one event of a session at a time, in order. Must not block for long.
using EventHandler = std::function<void(const SessionEvent&)>;

}  // namespace harpy
