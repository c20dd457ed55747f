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
/// ..." (Kaldi's text files). Errors: std::runtime_error naming file and line for malformed JSON, a
/// missing field, an id met twice.
std::map<std::string, ScoredText> read_scored_texts(const std::filesystem::path& path);

}  // namespace harpy::tools
