#pragma once

#include <cstddef>
#include <deque>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/json/object.hpp>

#include "models/files/mapped_file.hpp"
#include "tools/transcribe/output_format.hpp"
#include "tools/transcribe/recordings.hpp"

namespace harpy::tools {

/// What shards have written in one form: folders of --output, and files of what went to standard
/// output. A recording's result is found by the name of its file or by its id.
class ShardResults {
 public:
  /// Files are read in the forms that tell every recording's id: text, json and jsonl.
  /// Errors: std::runtime_error naming a part that cannot be read, is a file in another form, or
  /// has a line that is cut off or tells no id.
  ShardResults(const std::vector<std::filesystem::path>& parts, OutputFormat format);

  /// How many parts hold a recording's result.
  std::size_t count(const Recording& recording) const;
  /// The result in the first part that holds one: the words in text form, a line of jsonl or an
  /// object of json without the line's end, in the other forms the content of the file.
  /// Errors: std::runtime_error if there is none, or its file cannot be read.
  std::string find(const Recording& recording) const;
  /// Whether the files tell of a recording.
  bool is_listed(const Recording& recording) const {
    return listed_.contains(listed_id(recording));
  }
  /// How many recordings the files tell of, however often.
  std::size_t listed_count() const { return listed_.size(); }
  /// What the first JSON document says before its recordings; empty if there was none.
  /// Documents of folders count once their results were asked for.
  const boost::json::object& header() const { return header_; }

 private:
  struct Listed {
    std::string_view result;  ///< in a mapped file or in own_
    std::size_t count = 0;
  };

  void add_file(const std::filesystem::path& path);
  void add_line(std::string_view line, const std::string& place);
  void add_document(std::string_view text, const std::string& place);
  void add(std::string id, std::string_view result);
  std::string read_result(const std::filesystem::path& path) const;
  /// Under what the files list a recording.
  std::string listed_id(const Recording& recording) const;

  const OutputFormat format_;
  std::vector<std::filesystem::path> folders_;
  std::vector<MappedFile> files_;
  std::deque<std::string> own_;  ///< results that stand in no file as they are
  std::unordered_map<std::string, Listed> listed_;
  mutable boost::json::object header_;
};

/// The recordings of a list that have no result, or more than one, in the list's order.
struct MergeFaults {
  std::vector<std::string> missing;   ///< ids
  std::vector<std::string> repeated;  ///< ids of those that several parts hold, or one twice
  std::size_t unknown_count = 0;      ///< recordings in files that the list does not name
};

MergeFaults find_merge_faults(const ShardResults& results,
                              const std::vector<Recording>& recordings);

/// All results of a list as `harpy transcribe` would have written them to standard output; those
/// that are missing are left out. `write` takes the pieces one after another. Errors:
/// std::invalid_argument for a form of which results cannot follow each other; as find.
void merge_results(const ShardResults& results, OutputFormat format,
                   const std::vector<Recording>& recordings,
                   const std::function<void(std::string_view)>& write);

}  // namespace harpy::tools
