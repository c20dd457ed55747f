#pragma once

#include <filesystem>
#include <memory>
#include <ostream>
#include <vector>

#include "tools/transcribe/output_format.hpp"

namespace harpy::tools {

/// Where transcripts go, one recording after another.
class OutputWriter {
 public:
  virtual ~OutputWriter() = default;

  /// Writes one recording's transcript. Errors: std::runtime_error if it cannot be written.
  virtual void add(const Recording& recording, const Transcription& result) = 0;
  /// Nothing follows.
  virtual void finish() = 0;
};

/// How transcripts are written to a stream.
struct StreamWriterOptions {
  OutputFormat format = OutputFormat::kText;
  bool times = false;       ///< text: a line an utterance, behind its times
  bool is_only_one = true;  ///< there is one recording: its text needs no id before it
};

/// Writes all transcripts to a stream in one format. `header` is what a JSON document says first,
/// see json_header.
std::unique_ptr<OutputWriter> make_stream_writer(std::ostream& stream,
                                                 const StreamWriterOptions& options,
                                                 const boost::json::object& header);

/// The file of a recording and format in a folder.
std::filesystem::path output_path(const std::filesystem::path& folder, const Recording& recording,
                                  OutputFormat format);

/// Makes a folder and those that it lies in. Errors: std::runtime_error naming it.
void make_output_folder(const std::filesystem::path& folder);

/// Writes a file for each recording and format into a folder, which is made if it is missing. Files
/// are replaced by rename. Errors: std::runtime_error if the folder cannot be made.
std::unique_ptr<OutputWriter> make_folder_writer(const std::filesystem::path& folder,
                                                 std::vector<OutputFormat> formats,
                                                 const boost::json::object& header);

}  // namespace harpy::tools
