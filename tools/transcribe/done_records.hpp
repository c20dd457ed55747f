#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "models/files/file_descriptor.hpp"
#include "tools/transcribe/output_format.hpp"
#include "tools/transcribe/recordings.hpp"
#include "tools/transcribe/shard.hpp"

namespace harpy::tools {

/// What results of a run depend on and where they go.
struct DoneRecordsOptions {
  std::filesystem::path folder;       ///< of the results
  std::vector<OutputFormat> formats;  ///< each recording has a file in each
  std::string settings;               ///< the model and the options, in any words
  Shard shard;                        ///< of the run; others write records of their own
  bool resumes = false;               ///< whether results of earlier runs count
};

/// The records of what has been transcribed into a folder, by which a later run can leave it out.
///
/// A record is a line of JSON in FOLDER/.harpy-done-I-of-N.jsonl, which each shard has for itself.
/// It holds the recording's name, size and time of change, a checksum of the settings and of the
/// recording's stretch, and the sizes and times of change of its results. A recording is done if
/// the line that would be written for it now is there, in the records of whatever shard. So a half
/// line counts as nothing, and so does the record of results that have been changed since.
class DoneRecords {
 public:
  /// Makes the folder if it is missing. Without `resumes` the shard's records begin anew.
  /// Errors: std::runtime_error if the folder cannot be made or the records cannot be written.
  explicit DoneRecords(DoneRecordsOptions options);

  /// Whether a recording need not be transcribed again. Remembers what the recording is like now,
  /// for `add`.
  bool is_done(const Recording& recording);

  /// A recording's results are in their places. Only after `is_done` was asked. Standard input,
  /// which cannot be recognised again, has no record.
  /// Errors: std::runtime_error if that cannot be written down.
  void add(const Recording& recording);

 private:
  void read_records();
  void open_records();
  void write(std::string_view text);
  /// The begin of a recording's line; empty if it is no file.
  std::string describe_input(const Recording& recording) const;
  /// The rest of the line; empty if a result is missing.
  std::string describe_results(const Recording& recording) const;

  const DoneRecordsOptions options_;
  const std::filesystem::path path_;
  std::unordered_set<std::string> lines_;
  std::unordered_map<std::string, std::string> inputs_;  ///< by the names of their files
  FileDescriptor file_;
};

}  // namespace harpy::tools
