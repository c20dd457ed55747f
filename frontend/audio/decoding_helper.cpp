#include "frontend/audio/decoding_helper.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <exception>
#include <fstream>
#include <memory>
#include <new>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "frontend/audio/audio_file.hpp"
#include "frontend/audio/ffmpeg_source.hpp"
#include "frontend/audio/foreign_format.hpp"
#include "frontend/audio/limited_process.hpp"
#include "frontend/audio/readable_files.hpp"
#include "frontend/audio/system_call_filter.hpp"
#include "models/files/text_fields.hpp"

namespace harpy {
namespace {

constexpr rlim_t kDecodingCpuS = 600;
/// Address space that decoding may take beyond what the program has when it begins.
constexpr rlim_t kDecodingBytes = rlim_t{512} << 20;
constexpr rlim_t kMostOpenFiles = 32;
constexpr std::size_t kCopiedBytes = std::size_t{64} << 10;
constexpr std::int64_t kFramesAtOnce = 16384;
// What an argument of the helper says of the channels.
constexpr std::string_view kSeparate = "separate";
constexpr std::string_view kMixed = "mixed";

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
/// The sanitizers' own memory and system calls would not be allowed.
constexpr bool kIsSanitized = true;
#else
constexpr bool kIsSanitized = false;
#endif

/// The end of the helper, with what it says of it.
class HelperFault : public std::runtime_error {
 public:
  HelperFault(HelperExit code, const std::string& what) : std::runtime_error(what), code_(code) {}
  HelperExit code() const { return code_; }

 private:
  HelperExit code_;
};

void limit(__rlimit_resource resource, rlim_t most) {
  const rlimit value{most, most};
  if (setrlimit(resource, &value) != 0) {
    throw HelperFault(HelperExit::kNoSandbox, "the decoder's resources cannot be limited");
  }
}

rlim_t address_space_bytes() {
  std::ifstream statistics("/proc/self/statm");
  rlim_t pages = 0;
  statistics >> pages;
  return pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE));
}

/// What this process may still open: nothing, or what ffmpeg needs.
ReadableFiles files_for(const DecodingRequest& request) {
  const auto ffmpeg = request.with_ffmpeg ? find_program("ffmpeg") : std::nullopt;
  if (!ffmpeg) return {};
  ReadableFiles files = ReadableFiles::for_program(*ffmpeg);
  files.allow(kSpoolDescriptor);
  return files;
}

/// Confines this process. A program that it starts has further limits of its own.
void confine(const DecodingRequest& request) {
  std::signal(SIGPIPE, SIG_DFL);
  std::signal(SIGXFSZ, SIG_IGN);  // writing too much fails and does not kill
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, request.most_bytes);
  limit(RLIMIT_NOFILE, kMostOpenFiles);
  if (kIsSanitized) return;
  const rlim_t begun_bytes = address_space_bytes();
  if (!files_for(request).confine()) {
    throw HelperFault(HelperExit::kNoSandbox, "the decoder's files cannot be limited");
  }
  if (request.with_ffmpeg) return;
  limit(RLIMIT_CPU, kDecodingCpuS);
  limit(RLIMIT_AS, begun_bytes + kDecodingBytes);
  if (!SystemCallFilter::for_decoding().install()) {
    throw HelperFault(HelperExit::kNoSandbox, "the decoder's system calls cannot be limited");
  }
}

/// Returns whether everything could be written.
bool write_all(int descriptor, const void* data, std::size_t size) {
  const char* next = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = write(descriptor, next, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    next += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

void say(std::string line) {
  line += '\n';
  write_all(STDERR_FILENO, line.data(), line.size());
}

/// Keeps what comes on standard input.
void spool() {
  std::array<char, kCopiedBytes> bytes{};
  for (;;) {
    const ssize_t got = read(STDIN_FILENO, bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) return;
    if (got < 0 || !write_all(kSpoolDescriptor, bytes.data(), static_cast<std::size_t>(got))) {
      throw HelperFault(HelperExit::kNoRoom,
                        "the recording cannot be kept: " + std::generic_category().message(errno));
    }
  }
}

void give(const void* data, std::size_t size) {
  if (!write_all(STDOUT_FILENO, data, size)) throw std::runtime_error("nobody takes the samples");
}

/// Gives what `read` reads piece by piece.
template <typename Read>
void give_pieces(const HelperHeader& header, const Read& read) {
  give(&header, sizeof(header));
  for (std::span<const float> piece = read(); !piece.empty(); piece = read()) {
    give(piece.data(), piece.size_bytes());
  }
}

void give_samples(const DecodingRequest& request, AudioSource& source) {
  std::vector<std::string> notes;
  HelperHeader header{.sample_rate_hz = source.sample_rate_hz()};
  if (request.separate_channels) {
    header.channel_count = source.channel_count();
    give_pieces(header, [&] { return source.read(kFramesAtOnce); });
    notes = source.notes();
  } else {
    MonoReader samples(source);
    give_pieces(header, [&] { return samples.read(kFramesAtOnce); });
    notes = samples.notes();
  }
  for (const std::string& note : notes) say(note);
}

void decode(const DecodingRequest& request, std::istream& raw_input) {
  if (request.raw) {
    PcmStream source(raw_input, request.name, *request.raw);
    return give_samples(request, source);
  }
  ByteFile file(kSpoolDescriptor, request.name);
  if (request.with_ffmpeg) {
    FfmpegSource source(file);
    return give_samples(request, source);
  }
  AudioFile source(std::move(file));
  give_samples(request, source);
}

DecodingRequest parsed(std::span<const char* const> arguments) {
  constexpr std::size_t kCount = 4;
  if (arguments.size() != kCount) {
    throw HelperFault(HelperExit::kWrongUsage, "this program is for the use of harpy serve");
  }
  DecodingRequest request{.name = arguments[0]};
  request.most_bytes = parse_uint64(arguments[1]).value_or(0);
  request.separate_channels = arguments[2] == kSeparate;
  std::string_view how = arguments[3];
  request.with_ffmpeg = how == "ffmpeg";
  if (request.with_ffmpeg || how == "file") return request;
  PcmFormat raw;
  raw.coding = parse_pcm_coding(take_word(how));
  raw.sample_rate_hz = parse_int32(take_word(how)).value_or(0);
  raw.channel_count = parse_int32(take_word(how)).value_or(0);
  request.raw = raw;
  return request;
}

}  // namespace

std::vector<std::string> helper_arguments(const DecodingRequest& request) {
  std::string how = request.with_ffmpeg ? "ffmpeg" : "file";
  if (request.raw) {
    how = to_string(request.raw->coding) + " " + std::to_string(request.raw->sample_rate_hz) + " " +
          std::to_string(request.raw->channel_count);
  }
  return {request.name, std::to_string(request.most_bytes),
          std::string(request.separate_channels ? kSeparate : kMixed), how};
}

int run_decoding_helper(std::span<const char* const> arguments) noexcept {
  HelperExit code = HelperExit::kBadAudio;
  std::string fault;
  try {
    const DecodingRequest request = parsed(arguments);
    std::ifstream raw_input;
    if (request.raw) raw_input.open("/proc/self/fd/" + std::to_string(kSpoolDescriptor));
    confine(request);
    spool();
    decode(request, raw_input);
    return static_cast<int>(HelperExit::kDecoded);
  } catch (const HelperFault& error) {
    code = error.code();
    fault = error.what();
  } catch (const UnsupportedAudio& error) {
    code = HelperExit::kOnlyFfmpeg;
    fault = error.what();
  } catch (const std::bad_alloc&) {
    fault = "decoding it takes too much memory";
  } catch (const std::exception& error) {
    fault = error.what();
  }
  say(fault);
  return static_cast<int>(code);
}

}  // namespace harpy
