#include "frontend/audio/foreign_format.hpp"

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

namespace harpy {
namespace {

using namespace std::string_view_literals;

struct Signature {
  std::uint64_t offset;
  std::string_view bytes;
  const char* name;
};

/// Told by a fixed text at a fixed place; the more telling ones come first.
constexpr std::array kSignatures{
    Signature{4, "ftypM4A", "an M4A file (MPEG-4 audio)"},
    Signature{4, "ftypM4B", "an M4B file (MPEG-4 audio)"},
    Signature{4, "ftypqt", "a QuickTime movie"},
    Signature{4, "ftyp3g", "a 3GP file"},
    Signature{4, "ftyp", "an MP4 file (MPEG-4)"},
    Signature{4, "moov", "a QuickTime movie"},
    Signature{4, "mdat", "a QuickTime movie"},
    Signature{0, "\0\0\0\x08wide"sv, "a QuickTime movie"},
    Signature{0, "ADIF", "an AAC file"},
    Signature{0, "\x30\x26\xB2\x75\x8E\x66\xCF\x11", "a WMA or ASF file (Windows Media)"},
    Signature{0, "#!AMR-WB", "an AMR-WB file"},
    Signature{0, "#!AMR", "an AMR file"},
    Signature{0, "#!SILK", "a SILK file"},
    Signature{1, "#!SILK", "a SILK file"},
    Signature{0, "ajkg", "a file compressed by shorten"},
    Signature{0, "MAC ", "a Monkey's Audio file"},
    Signature{0, "wvpk", "a WavPack file"},
    Signature{0, "TTA1", "a True Audio file"},
    Signature{0, "MPCK", "a Musepack file"},
    Signature{0, "MP+", "a Musepack file"},
    Signature{0, "OFR ", "an OptimFROG file"},
    Signature{0, "DSD ", "a DSD file"},
    Signature{0, "FRM8", "a DSDIFF file"},
    Signature{0, "\x0B\x77", "an AC-3 file"},
    Signature{0, "\x7F\xFE\x80\x01", "a DTS file"},
    Signature{0, ".RMF", "a RealMedia file"},
    Signature{0, ".ra\xFD", "a RealAudio file"},
    Signature{0, "FLV\x01", "a Flash video"},
    Signature{0, "\0\0\x01\xBA"sv, "an MPEG program stream"},
    Signature{8, "AVI ", "an AVI film"},
    Signature{8, "QLCM", "a QCELP file"},
    Signature{28, "Speex   ", "an Ogg Speex file"},
};

bool is_transport_stream(ByteFile& file) {
  constexpr std::uint64_t kPacketBytes = 188;
  return file.has(0, "G") && file.has(kPacketBytes, "G") && file.has(2 * kPacketBytes, "G");
}

/// Whether the file begins with the header of an AAC frame (ADTS): 12 bits of synchronisation, then
/// the layer 0, and a second such header where the first frame ends.
bool is_adts(ByteFile& file) {
  const auto is_header = [&](std::uint64_t offset) {
    return (file.big_endian(offset, 2).value_or(0) & 0xFFF6) == 0xFFF0;
  };
  const std::uint64_t frame_bytes = file.big_endian(3, 3).value_or(0) >> 5 & 0x1FFF;
  return is_header(0) && frame_bytes > 7 &&
         (frame_bytes >= file.size_bytes() || is_header(frame_bytes));
}

std::string quoted(const std::string& path) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./_-+,:@%=";
  const bool is_plain =
      !path.starts_with('-') && path.find_first_not_of(kPlain) == std::string::npos;
  if (is_plain) return path;
  std::string text = path.starts_with('-') ? "'./" : "'";
  for (const char letter : path) text += letter == '\'' ? "'\\''" : std::string(1, letter);
  return text + "'";
}

/// What a file is that ffmpeg can convert; empty if it is none of the known ones.
std::string foreign_format_name(ByteFile& file) {
  constexpr std::size_t kLookedAtBytes = 4096;
  if (file.has(0, "\x1A\x45\xDF\xA3")) {
    const bool is_webm = file.read(0, kLookedAtBytes).find("webm") != std::string::npos;
    return is_webm ? "a WebM file" : "a Matroska file (MKV)";
  }
  for (const Signature& signature : kSignatures) {
    if (file.has(signature.offset, signature.bytes)) return signature.name;
  }
  if (is_adts(file)) return "an AAC file";
  if (is_transport_stream(file)) return "an MPEG transport stream";
  return "";
}

}  // namespace

void refuse_foreign_format(ByteFile& file) {
  const auto refuse = [&](const char* what) {
    throw std::runtime_error(file.name() + ": " + what);
  };
  if (file.has(0, "PK\x03\x04")) refuse("is a ZIP archive; unpack it first");
  if (file.has(0, "\x1F\x8B")) refuse("is compressed by gzip; unpack it first");
  if (file.has(0, "MThd")) refuse("is a MIDI file, which holds notes and no sound");
  const std::string name = foreign_format_name(file);
  if (!name.empty()) refuse_unsupported(file, "is " + name + ", which");
}

std::string conversion_advice(const std::string& path) {
  std::filesystem::path target = path;
  if (target.extension() == ".wav") target.replace_filename(target.stem().string() + "-pcm.wav");
  target.replace_extension(".wav");
  return "convert it with: ffmpeg -i " + quoted(path) + " " + quoted(target.string());
}

void refuse_unsupported(const ByteFile& file, const std::string& subject) {
  throw UnsupportedAudio(file.name() + ": " + subject + " is not supported; " +
                         conversion_advice(file.name()));
}

}  // namespace harpy
