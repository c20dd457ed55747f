#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "service/recognizer/model_description.hpp"
#include "tools/transcribe/recording_reader.hpp"

namespace harpy::tools {

/// Forms of a transcript (docs/formats.md).
enum class OutputFormat {
  kText,
  kJson,
  kJsonLines,
  kSrt,
  kVtt,
  kCtm,
  kStm,
  kTextGrid,
  kManifest,
  kLattice,
  kRawLattice
};

/// The names of all formats, as --format takes them.
std::vector<std::string> output_format_names();
/// Errors: std::invalid_argument for any other name.
OutputFormat parse_output_format(std::string_view name);
/// The ending of files, with its dot: ".txt" for text, ".TextGrid" as Praat wants it, else the
/// format's name.
std::string file_ending(OutputFormat format);
/// Whether transcripts of several recordings can follow each other in one file.
bool can_hold_many(OutputFormat format);

/// What a JSON document says of all its recordings that a model package recognised.
boost::json::object json_header(const ModelDescription& model);
/// What stands around and between the recordings of a JSON document with this header, which may be
/// empty.
std::string json_document_begin(const boost::json::object& header);
inline constexpr const char* kJsonBetweenRecordings = ",\n  ";
inline constexpr const char* kJsonDocumentEnd = "\n]}\n";
/// One recording: "id", "audio" if there is any, "start" of its stretch and "channel" (from 1) if
/// there is one, "duration_s", "speech_starts" if there are any, "text", "words" (word, start,
/// end), "utterances" (start, end, text); in seconds. Where the written form was asked for, also
/// "written", "written_words" and "written" of each utterance.
boost::json::object json_recording(const Recording& recording, const Transcription& result);
/// NIST's lines "file channel start duration word", with the confidence behind it if there is one.
std::string ctm_text(const Recording& recording, const Transcription& result);
/// NIST's lines "file channel speaker start end words", one an utterance; the speaker is not known,
/// so that the file's name stands for it.
std::string stm_text(const Recording& recording, const Transcription& result);
/// A line of a manifest for each utterance, as `harpy train` and `harpy transcribe` read them: with
/// the stretch from up to half a second before its first word to as much behind its last one. The
/// id of a recording's only utterance is the recording's, of several "-1", "-2" ... stand behind
/// it.
std::string manifest_lines(const Recording& recording, const Transcription& result);
/// The utterances' lattices as an archive of text: a recording's only one has the recording's id,
/// of several "-1", "-2" ... stand behind it.
std::string lattice_archive(const Recording& recording, const Transcription& result, bool raw);
/// A line an utterance, in written form if that was asked for; with `times` behind its start and
/// end in seconds.
std::string utterance_lines(const Transcription& result, bool times);

/// The whole content of a file for one recording; `header` is what a JSON document says of it
/// first.
std::string file_content(OutputFormat format, const Recording& recording,
                         const Transcription& result, const boost::json::object& header);

}  // namespace harpy::tools
