#include <mpg123.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "frontend/audio/sound_decoder.hpp"

namespace harpy {
namespace {

/// How far behind damaged bytes the next frame is looked for; tags at the end may be long.
constexpr long kMostPassedOverBytes = 1 << 22;

// Flags of the Xing header, and the bits of a frame's header that must agree within a stream.
constexpr std::uint64_t kHasFrameCount = 1;
constexpr std::uint64_t kHasByteCount = 2;
constexpr std::uint64_t kVersionAndRate = 0x180C00;

/// Where the Xing or Info header lies in the frame at `offset`; absent if it has none. It follows
/// the side information, whose length depends on version and channels.
std::optional<std::uint64_t> find_xing(ByteFile& file, std::uint64_t offset) {
  for (const std::uint64_t side_bytes : {9, 17, 32}) {
    const std::uint64_t place = offset + 4 + side_bytes;
    if (file.has(place, "Xing") || file.has(place, "Info")) return place;
  }
  return std::nullopt;
}

/// libmpg123 counts the frames; how many bytes there should be is written in the first of them.
void check_announced_bytes(ByteFile& file, std::uint64_t first_frame) {
  const auto xing = find_xing(file, first_frame);
  if (!xing) return;
  const std::uint64_t flags = file.big_endian(*xing + 4, 4).value_or(0);
  if ((flags & kHasByteCount) == 0) return;
  const std::uint64_t count_offset = *xing + 8 + ((flags & kHasFrameCount) != 0 ? 4 : 0);
  const std::uint64_t announced = file.big_endian(count_offset, 4).value_or(0);
  // Some encoders count the tag in front of the first frame.
  if (announced > file.size_bytes()) {
    throw std::runtime_error(file.name() + ": is truncated: its header announces " +
                             std::to_string(announced) + " bytes of MP3, it holds " +
                             std::to_string(file.size_bytes() - first_frame));
  }
  const std::uint64_t end = first_frame + announced;
  const auto next_frame = find_mp3_frames(file, end);
  if (!next_frame) return;
  const std::uint64_t header = file.big_endian(first_frame, 4).value_or(0);
  const std::uint64_t next_header = file.big_endian(*next_frame, 4).value_or(0);
  if ((header & kVersionAndRate) != (next_header & kVersionAndRate)) {
    throw std::runtime_error(file.name() + ": joins MP3 streams of different sample rates");
  }
}

class Mp3Decoder : public SoundDecoder {
 public:
  Mp3Decoder(ByteFile& file, std::uint64_t first_frame) : file_(file), begin_(first_frame) {
    check_announced_bytes(file, first_frame);
    format = "MP3";
    int error = MPG123_OK;
    decoder_.reset(mpg123_new(nullptr, &error));
    if (!decoder_) fail(mpg123_plain_strerror(error));
    mpg123_handle* decoder = decoder_.get();
    check(mpg123_param(decoder, MPG123_ADD_FLAGS, MPG123_QUIET | MPG123_FORCE_FLOAT, 0.0));
    check(mpg123_param(decoder, MPG123_RESYNC_LIMIT, kMostPassedOverBytes, 0.0));
    check(mpg123_replace_reader_handle(
        decoder,
        [](void* user, void* buffer, std::size_t count) {
          return static_cast<Mp3Decoder*>(user)->read_bytes(static_cast<char*>(buffer), count);
        },
        [](void* user, off_t offset, int whence) {
          return static_cast<Mp3Decoder*>(user)->seek(offset, whence);
        },
        nullptr));
    check(mpg123_open_handle(decoder, this));
    // Without the scan a file without a length is read only as far as its size suggests, and one
    // that was joined from two only to the end of the first.
    check(mpg123_scan(decoder));
    long rate_hz = 0;
    int encoding = 0;
    check(mpg123_getformat(decoder, &rate_hz, &channel_count, &encoding));
    sample_rate_hz = static_cast<int>(rate_hz);
  }

  std::int64_t read(float* frames, std::int64_t max_frames) override {
    const std::size_t frame_bytes = sizeof(float) * static_cast<std::size_t>(channel_count);
    std::size_t got = 0;
    const int result = mpg123_read(decoder_.get(), frames,
                                   static_cast<std::size_t>(max_frames) * frame_bytes, &got);
    if (got > 0) return static_cast<std::int64_t>(got / frame_bytes);
    if (result == MPG123_DONE) return 0;
    if (result == MPG123_NEW_FORMAT) {
      long rate_hz = 0;
      int channels = 0;
      int encoding = 0;
      mpg123_getformat(decoder_.get(), &rate_hz, &channels, &encoding);
      if (rate_hz == sample_rate_hz && channels == channel_count) return read(frames, max_frames);
      throw std::runtime_error("it joins MP3 streams of different sample rates or channels");
    }
    if (result != MPG123_OK) throw std::runtime_error(mpg123_strerror(decoder_.get()));
    return 0;
  }

 private:
  struct Deleter {
    void operator()(mpg123_handle* decoder) const { mpg123_delete(decoder); }
  };

  [[noreturn]] void fail(const std::string& reason) const {
    throw std::runtime_error(file_.name() + ": cannot be decoded as MP3: " + reason);
  }
  void check(int result) const {
    if (result != MPG123_OK) fail(mpg123_strerror(decoder_.get()));
  }

  std::uint64_t size() const { return file_.size_bytes() - begin_; }

  mpg123_ssize_t read_bytes(char* buffer, std::size_t count) {
    const std::size_t got = file_.read(begin_ + position_, std::span(buffer, count));
    position_ += got;
    return static_cast<mpg123_ssize_t>(got);
  }

  off_t seek(off_t offset, int whence) {
    const std::uint64_t origin = whence == SEEK_CUR ? position_ : whence == SEEK_END ? size() : 0;
    const off_t target = static_cast<off_t>(origin) + offset;
    if (target < 0) return -1;
    position_ = static_cast<std::uint64_t>(target);
    return target;
  }

  ByteFile& file_;
  const std::uint64_t begin_;
  std::uint64_t position_ = 0;
  std::unique_ptr<mpg123_handle, Deleter> decoder_;
};

}  // namespace

std::unique_ptr<SoundDecoder> open_mp3(ByteFile& file, std::uint64_t first_frame) {
  return std::make_unique<Mp3Decoder>(file, first_frame);
}

}  // namespace harpy
