#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace harpy::tools {

/// The words of one utterance: what was said, or what was recognised.
struct ScoredText {
  std::string text;
  std::string speaker;  ///< empty where the file names none
};

/// Reads the texts of utterances by their ids, from JSON lines with "id", "text" and perhaps
/// "speaker" (manifests and the output of `harpy transcribe --format jsonl`), or from lines "ID
/// WORD WORD
/// ..." (Kaldi's text files) or "WORD WORD ... (ID)" (sclite's .trn files; the speaker is what
/// stands before the first hyphen or underscore of the id). Blanks at the ends of lines, blank
/// lines and lines that begin with ";;" are passed over.
///
/// Errors: std::runtime_error naming file and line for malformed JSON, a missing field, an id met
/// twice, lines of which some have an id with digits in brackets at their ends and others do not,
/// and for files of words with times (CTM, STM).
std::map<std::string, ScoredText> read_scored_texts(const std::filesystem::path& path);

}  // namespace harpy::tools
