#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace harpy::tools {

/// What was said in one utterance.
struct Transcript {
  std::string text;
  std::string speaker;  ///< empty where the file names none
};

/// Reads transcripts by utterance id, from JSON lines with "id", "text" and perhaps "speaker"
/// (manifests and the output of `harpy transcribe --format jsonl`), or from lines "ID WORD WORD
/// ..." (Kaldi's text files). Errors: std::runtime_error naming file and line for malformed JSON, a
/// missing field, an id met twice.
std::map<std::string, Transcript> read_transcripts(const std::filesystem::path& path);

}  // namespace harpy::tools
