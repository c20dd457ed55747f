#include "tools/transcribe/output_writer.hpp"

#include <stdexcept>
#include <system_error>
#include <utility>

#include "models/files/escaped_text.hpp"
#include "models/files/printed.hpp"
#include "models/files/replacement_file.hpp"
#include "service/json/json_text.hpp"

namespace harpy::tools {

namespace fs = std::filesystem;

namespace {

class StreamWriter : public OutputWriter {
 public:
  StreamWriter(std::ostream& stream, const StreamWriterOptions& options, boost::json::object header)
      : stream_(stream), options_(options), header_(std::move(header)) {}

  void add(const Recording& recording, const Transcription& result) override {
    switch (options_.format) {
      case OutputFormat::kText:
        add_text(recording, result);
        break;
      case OutputFormat::kJson:
        stream_ << (has_begun_ ? kJsonBetweenRecordings : json_document_begin(header_))
                << json_line(json_recording(recording, result));
        has_begun_ = true;
        break;
      default:
        stream_ << file_content(options_.format, recording, result, header_);
    }
    flush();
  }

  void finish() override {
    if (options_.format == OutputFormat::kJson) {
      stream_ << (has_begun_ ? "" : json_document_begin(header_)) << kJsonDocumentEnd;
    }
    flush();
  }

 private:
  void add_text(const Recording& recording, const Transcription& result) {
    const std::string id = escape_for_line(recording.id);
    if (options_.times) {
      stream_ << id << printed(" (%.2f s)\n", result.duration_s) << utterance_lines(result, true);
    } else {
      if (!options_.is_only_one) stream_ << id << '\t';
      stream_ << result.shown_text() << '\n';
    }
  }

  void flush() {
    if (!stream_.flush()) throw std::runtime_error("standard output cannot be written to");
  }

  std::ostream& stream_;
  const StreamWriterOptions options_;
  const boost::json::object header_;
  bool has_begun_ = false;  ///< whether a JSON document has
};

class FolderWriter : public OutputWriter {
 public:
  FolderWriter(fs::path folder, std::vector<OutputFormat> formats, boost::json::object header)
      : folder_(std::move(folder)), formats_(std::move(formats)), header_(std::move(header)) {
    make_output_folder(folder_);
  }

  void add(const Recording& recording, const Transcription& result) override {
    for (const OutputFormat format : formats_) {
      const fs::path path = output_path(folder_, recording, format);
      make_output_folder(path.parent_path());
      replace_file(path, file_content(format, recording, result, header_));
    }
  }

  void finish() override {}

 private:
  const fs::path folder_;
  const std::vector<OutputFormat> formats_;
  const boost::json::object header_;
};

}  // namespace

fs::path output_path(const fs::path& folder, const Recording& recording, OutputFormat format) {
  return folder / (channel_name(recording) + file_ending(format));
}

void make_output_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!fs::is_directory(folder, error)) {
    throw std::runtime_error(folder.string() + ": the folder cannot be made: " + error.message());
  }
}

std::unique_ptr<OutputWriter> make_stream_writer(std::ostream& stream,
                                                 const StreamWriterOptions& options,
                                                 const boost::json::object& header) {
  return std::make_unique<StreamWriter>(stream, options, header);
}

std::unique_ptr<OutputWriter> make_folder_writer(const fs::path& folder,
                                                 std::vector<OutputFormat> formats,
                                                 const boost::json::object& header) {
  return std::make_unique<FolderWriter>(folder, std::move(formats), header);
}

}  // namespace harpy::tools
