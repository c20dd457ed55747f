#include "frontend/audio/sphere_file.hpp"

#include <algorithm>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>

#include "frontend/audio/foreign_format.hpp"
#include "frontend/audio/sample_length.hpp"
#include "models/files/text_fields.hpp"

namespace harpy {
namespace {

constexpr std::uint64_t kMostHeaderBytes = 1 << 20;
/// The beginning of a header: "NIST_1A", and its length in bytes in the second line.
constexpr std::size_t kPreambleBytes = 16;

/// The fields of a header, lines "NAME -TYPE VALUE" up to "end_head".
std::map<std::string, std::string> read_fields(const std::string& header) {
  std::map<std::string, std::string> fields;
  std::istringstream lines(header);
  for (std::string line; std::getline(lines, line) && line.substr(0, 8) != "end_head";) {
    std::istringstream words(line);
    std::string name;
    std::string type;
    std::string value;
    if (words >> name >> type >> value) fields[name] = value;
  }
  return fields;
}

class SphereHeader {
 public:
  explicit SphereHeader(ByteFile& file) : file_(file) {
    std::istringstream preamble(file.read(0, kPreambleBytes).substr(7));
    std::string size;
    preamble >> size;
    size_bytes_ = parse_uint64(size).value_or(0);
    if (size_bytes_ < kPreambleBytes || size_bytes_ > kMostHeaderBytes) {
      fail("its SPHERE header has no length");
    }
    fields_ = read_fields(file.read(0, static_cast<std::size_t>(size_bytes_)));
    coding_ = text("sample_coding", "pcm");
    // Some compressed files do not say so in the header.
    if (file.has(size_bytes_, "ajkg")) coding_ = "shorten";
  }

  SoundBytes samples() const {
    const std::uint64_t channels = number("channel_count", 1);
    const std::uint64_t sample_bytes = number("sample_n_bytes", coding_ == "pcm" ? 2 : 1);
    if (text("channels_interleaved", "TRUE") != "TRUE") {
      fail("its SPHERE header says channels_interleaved FALSE, which is not supported");
    }
    // Described to the decoder as an AU file, which knows the same codings and both byte orders.
    const std::string header =
        (is_big_endian(sample_bytes) ? ".snd" : "dns.") + field(24, sample_bytes) +
        field(0xFFFFFFFF, sample_bytes) + field(au_coding(sample_bytes), sample_bytes) +
        field(number("sample_rate", {}), sample_bytes) + field(channels, sample_bytes);
    const std::uint64_t held = file_.size_bytes() - std::min(file_.size_bytes(), size_bytes_);
    const std::uint64_t frame_bytes = channels * sample_bytes;
    const std::uint64_t announced = number("sample_count", 0) * frame_bytes;
    const AnnouncedLength length{.announced_bytes = announced,
                                 .held_bytes = held,
                                 .unexplained_bytes = held - std::min(held, announced),
                                 .frame_bytes = frame_bytes};
    try {
      const SampleLength decided = decide_sample_length(length);
      return {.header = header,
              .begin = size_bytes_,
              .size_bytes = decided.bytes,
              .note = decided.note,
              .container = "SPHERE"};
    } catch (const std::runtime_error& error) {
      fail(error.what());
    }
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(file_.name() + ": " + what);
  }

  std::string text(const std::string& name, const std::string& otherwise) const {
    const auto found = fields_.find(name);
    return found == fields_.end() ? otherwise : found->second;
  }

  std::uint64_t number(const std::string& name, std::optional<std::uint64_t> otherwise) const {
    const auto found = fields_.find(name);
    if (found == fields_.end() && otherwise) return *otherwise;
    const auto value = found == fields_.end() ? std::nullopt : parse_uint64(found->second);
    if (!value || *value > 0xFFFFFFFF) {
      fail("its SPHERE header has no " + name + " that can be used");
    }
    return *value;
  }

  /// "01" is the least significant byte first, as the files of most corpora have it.
  bool is_big_endian(std::uint64_t sample_bytes) const {
    const std::string order = text("sample_byte_format", "01");
    if (sample_bytes == 1 || order.starts_with("01")) return false;
    if (!order.starts_with("1") && !order.starts_with("3")) {
      fail("its SPHERE header says sample_byte_format " + order + "; expected 01 or 10");
    }
    return true;
  }

  std::uint64_t au_coding(std::uint64_t sample_bytes) const {
    if (coding_ == "ulaw" || coding_ == "mu-law" || coding_ == "mulaw") return 1;
    if (coding_ == "alaw") return 27;
    if (coding_ == "pcm" && sample_bytes >= 1 && sample_bytes <= 4) return 1 + sample_bytes;
    const std::string name = coding_.find("shorten") != std::string::npos
                                 ? "a SPHERE file compressed by shorten"
                                 : "a SPHERE file with the coding " + coding_;
    refuse_unsupported(file_, "is " + name + ", which");
  }

  /// A number of the AU header.
  std::string field(std::uint64_t value, std::uint64_t sample_bytes) const {
    std::string bytes(4, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(value >> (8 * i));
    if (is_big_endian(sample_bytes)) std::reverse(bytes.begin(), bytes.end());
    return bytes;
  }

  ByteFile& file_;
  std::uint64_t size_bytes_ = 0;
  std::map<std::string, std::string> fields_;
  std::string coding_;
};

}  // namespace

std::optional<SoundBytes> find_sphere_samples(ByteFile& file) {
  if (!file.has(0, "NIST_1A")) return {};
  return SphereHeader(file).samples();
}

}  // namespace harpy
