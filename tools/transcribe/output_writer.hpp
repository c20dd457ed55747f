#pragma once

#include <filesystem>
#include <memory>
#include <ostream>
#include <vector>

#include "tools/transcribe/output_format.hpp"

namespace harpy::tools {

/// Where transcripts go, one recording after another.
class TranscriptOutput {
 public:
  virtual ~TranscriptOutput() = default;

  /// Writes one recording's transcript. Errors: std::runtime_error if it cannot be written.
  virtual void add(const Recording& recording, const Transcription& result) = 0;
  /// Nothing follows.
  virtual void finish() = 0;
};

/// How transcripts are written to a stream.
struct StreamOutputOptions {
  TranscriptFormat format = TranscriptFormat::kText;
  bool times = false;       ///< text: a line an utterance, behind its times
  bool is_only_one = true;  ///< there is one recording: its text needs no id before it
};

/// Writes all transcripts to a stream in one format.
std::unique_ptr<TranscriptOutput> make_stream_output(std::ostream& stream,
                                                     const StreamOutputOptions& options,
                                                     const ModelDescription& model);

/// Writes a file for each recording and format into a folder, which is made if it is missing. Files
/// are replaced by rename. Errors: std::runtime_error if the folder cannot be made.
std::unique_ptr<TranscriptOutput> make_folder_output(const std::filesystem::path& folder,
                                                     std::vector<TranscriptFormat> formats,
                                                     const ModelDescription& model);

}  // namespace harpy::tools
