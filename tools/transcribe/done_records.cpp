#include "tools/transcribe/done_records.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <fstream>
#include <span>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include "models/files/checksum.hpp"
#include "models/files/escaped_text.hpp"
#include "models/files/printed.hpp"
#include "tools/transcribe/output_writer.hpp"

namespace harpy::tools {

namespace fs = std::filesystem;

namespace {

constexpr const char* kRecordPrefix = ".harpy-done-";
constexpr const char* kRecordEnding = ".jsonl";

std::string record_name(const Shard& shard) {
  return kRecordPrefix + std::to_string(shard.number) + "-of-" + std::to_string(shard.count) +
         kRecordEnding;
}

/// The fields of a file's size and time of change; empty if there is none.
std::string file_fields(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return printed(R"("bytes": %lld, "changed": "%lld.%09ld")",
                 static_cast<long long>(status.st_size),
                 static_cast<long long>(status.st_mtim.tv_sec), status.st_mtim.tv_nsec);
}

}  // namespace

DoneRecords::DoneRecords(DoneRecordsOptions options)
    : options_(std::move(options)), path_(options_.folder / record_name(options_.shard)) {
  make_output_folder(options_.folder);
  if (options_.resumes) read_records();
  open_records();
}

void DoneRecords::read_records() {
  for (const auto& entry : fs::directory_iterator(options_.folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kRecordPrefix) || !name.ends_with(kRecordEnding)) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    for (std::string line; std::getline(file, line);) lines_.insert(std::move(line));
  }
}

void DoneRecords::open_records() {
  const int flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC;
  file_ = FileDescriptor(::open(path_.c_str(), flags | (options_.resumes ? 0 : O_TRUNC), 0666));
  if (file_.number() < 0) {
    throw std::runtime_error(path_.string() +
                             ": cannot be opened: " + std::generic_category().message(errno));
  }
  // A run that was killed may have left a half line, which must not become part of the next one.
  struct stat status {};
  char last = '\n';
  if (::fstat(file_.number(), &status) == 0 && status.st_size > 0 &&
      ::pread(file_.number(), &last, 1, status.st_size - 1) == 1 && last != '\n') {
    write("\n");
  }
}

void DoneRecords::write(std::string_view text) {
  const ssize_t written = ::write(file_.number(), text.data(), text.size());
  if (written == static_cast<ssize_t>(text.size())) return;
  throw std::runtime_error(path_.string() + ": cannot be written: " +
                           std::generic_category().message(written < 0 ? errno : ENOSPC));
}

std::string DoneRecords::describe_input(const Recording& recording) const {
  const std::string settings = options_.settings + "\n" + recording.id + "\n" +
                               std::to_string(recording.start_s) + "\n" +
                               std::to_string(recording.end_s.value_or(-1.0)) + "\n" +
                               std::to_string(recording.channel.value_or(-1));
  const std::string mark = checksum_text(checksum_of(std::as_bytes(std::span(settings))));
  const std::string name =
      boost::json::serialize(boost::json::string(escape_invalid_utf8(channel_name(recording))));
  const std::string audio = file_fields(recording.audio);
  if (audio.empty()) return {};
  return "{\"name\": " + name + ", \"settings\": \"" + mark + "\", " + audio;
}

std::string DoneRecords::describe_results(const Recording& recording) const {
  std::string text;
  for (const OutputFormat format : options_.formats) {
    const std::string fields = file_fields(output_path(options_.folder, recording, format));
    if (fields.empty()) return {};
    text += (text.empty() ? "{" : ", {") + fields + "}";
  }
  return ", \"results\": [" + text + "]}";
}

bool DoneRecords::is_done(const Recording& recording) {
  const std::string& input = inputs_[channel_name(recording)] = describe_input(recording);
  if (lines_.empty() || input.empty()) return false;
  const std::string results = describe_results(recording);
  return !results.empty() && lines_.contains(input + results);
}

void DoneRecords::add(const Recording& recording) {
  const std::string& input = inputs_.at(channel_name(recording));
  if (!input.empty()) write(input + describe_results(recording) + "\n");
}

}  // namespace harpy::tools
