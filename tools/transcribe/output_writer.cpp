#include "tools/transcribe/output_writer.hpp"

#include <array>
#include <cstdio>
#include <stdexcept>
#include <system_error>

#include "models/files/replacement_file.hpp"
#include "service/json/json_text.hpp"

namespace harpy::tools {

namespace fs = std::filesystem;

namespace {

class StreamOutput : public TranscriptOutput {
 public:
  StreamOutput(std::ostream& stream, const StreamOutputOptions& options,
               const ModelDescription& model)
      : stream_(stream), options_(options), model_(model) {}

  void add(const Recording& recording, const Transcription& result) override {
    switch (options_.format) {
      case TranscriptFormat::kText:
        add_text(recording, result);
        break;
      case TranscriptFormat::kJson:
        stream_ << (has_begun_ ? std::string(",\n  ") : document_begin())
                << json_line(json_recording(recording, result));
        has_begun_ = true;
        break;
      default:
        stream_ << transcript_file(options_.format, recording, result, model_);
    }
    flush();
  }

  void finish() override {
    if (options_.format == TranscriptFormat::kJson) {
      stream_ << (has_begun_ ? std::string() : document_begin()) << "\n]}\n";
    }
    flush();
  }

 private:
  void add_text(const Recording& recording, const Transcription& result) {
    if (options_.times) {
      std::array<char, 32> duration{};
      std::snprintf(duration.data(), duration.size(), " (%.2f s)\n", result.duration_s);
      stream_ << recording.id << duration.data() << utterance_lines(result, true);
    } else {
      if (!options_.is_only_one) stream_ << recording.id << '\t';
      stream_ << result.text() << '\n';
    }
  }

  std::string document_begin() const {
    std::string header = json_line(json_header(model_));
    header.pop_back();
    return header + ", \"recordings\": [\n  ";
  }

  void flush() {
    if (!stream_.flush()) throw std::runtime_error("standard output cannot be written to");
  }

  std::ostream& stream_;
  const StreamOutputOptions options_;
  const ModelDescription& model_;
  bool has_begun_ = false;  ///< whether a JSON document has
};

class FolderOutput : public TranscriptOutput {
 public:
  FolderOutput(fs::path folder, std::vector<TranscriptFormat> formats,
               const ModelDescription& model)
      : folder_(std::move(folder)), formats_(std::move(formats)), model_(model) {
    make_folder(folder_);
  }

  void add(const Recording& recording, const Transcription& result) override {
    for (const TranscriptFormat format : formats_) {
      const fs::path path = folder_ / (channel_name(recording) + file_ending(format));
      make_folder(path.parent_path());
      replace_file(path, transcript_file(format, recording, result, model_));
    }
  }

  void finish() override {}

 private:
  static void make_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (!fs::is_directory(folder, error)) {
      throw std::runtime_error(folder.string() + ": the folder cannot be made: " + error.message());
    }
  }

  const fs::path folder_;
  const std::vector<TranscriptFormat> formats_;
  const ModelDescription& model_;
};

}  // namespace

std::unique_ptr<TranscriptOutput> make_stream_output(std::ostream& stream,
                                                     const StreamOutputOptions& options,
                                                     const ModelDescription& model) {
  return std::make_unique<StreamOutput>(stream, options, model);
}

std::unique_ptr<TranscriptOutput> make_folder_output(const fs::path& folder,
                                                     std::vector<TranscriptFormat> formats,
                                                     const ModelDescription& model) {
  return std::make_unique<FolderOutput>(folder, std::move(formats), model);
}

}  // namespace harpy::tools
