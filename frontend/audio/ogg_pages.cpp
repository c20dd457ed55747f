#include "frontend/audio/ogg_pages.hpp"

#include <ogg/ogg.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace harpy {
namespace {

constexpr std::size_t kBlockBytes = 1 << 16;

/// Takes the pages of a file one by one.
class PageReader {
 public:
  explicit PageReader(ByteFile& file) : file_(file) { ogg_sync_init(&state_); }
  PageReader(const PageReader&) = delete;
  PageReader& operator=(const PageReader&) = delete;
  ~PageReader() { ogg_sync_clear(&state_); }

  /// Where the next byte that was not yet taken stands.
  std::uint64_t position() const { return position_; }

  /// Takes the next page; false at the end of the file.
  bool next(ogg_page& page) {
    for (;;) {
      const long size = ogg_sync_pageseek(&state_, &page);
      if (size > 0) {
        if (passed_over_bytes_ > 0) refuse_what_was_passed_over();
        position_ += static_cast<std::uint64_t>(size);
        return true;
      }
      if (size < 0) {
        pass_over(static_cast<std::uint64_t>(-size));
      } else if (!fill()) {
        return false;
      }
    }
  }

  /// Errors: std::runtime_error if the file ended inside a page, or one was damaged.
  void check_end() {
    if (passed_over_bytes_ > 0 && file_.has(passed_over_begin_, "OggS")) {
      refuse_what_was_passed_over();
    }
    const std::string rest = file_.read(position_, 4);
    if (!rest.empty() && std::string_view("OggS").starts_with(rest)) {
      throw std::runtime_error(file_.name() +
                               ": is truncated: the file ends inside a page of its Ogg stream");
    }
  }

 private:
  bool fill() {
    char* buffer = ogg_sync_buffer(&state_, static_cast<long>(kBlockBytes));
    if (buffer == nullptr) throw std::runtime_error(file_.name() + ": not enough memory");
    const std::size_t count = file_.read(read_bytes_, std::span(buffer, kBlockBytes));
    read_bytes_ += count;
    ogg_sync_wrote(&state_, static_cast<long>(count));
    return count > 0;
  }

  void pass_over(std::uint64_t count) {
    if (passed_over_bytes_ == 0) passed_over_begin_ = position_;
    passed_over_bytes_ += count;
    position_ += count;
  }

  [[noreturn]] void refuse_what_was_passed_over() {
    const std::string place = std::to_string(passed_over_begin_);
    throw std::runtime_error(file_.name() + ": is damaged: " +
                             (file_.has(passed_over_begin_, "OggS")
                                  ? "the Ogg page at byte " + place + " has a wrong checksum"
                                  : std::to_string(passed_over_bytes_) + " bytes at byte " + place +
                                        " belong to no Ogg page"));
  }

  ByteFile& file_;
  ogg_sync_state state_{};
  std::uint64_t read_bytes_ = 0;
  std::uint64_t position_ = 0;
  std::uint64_t passed_over_begin_ = 0;
  std::uint64_t passed_over_bytes_ = 0;
};

}  // namespace

std::vector<SoundBytes> find_ogg_streams(ByteFile& file) {
  if (!file.has(0, "OggS")) return {};
  std::vector<SoundBytes> streams;
  SoundBytes stream;
  bool in_stream = false;
  bool has_samples = false;
  const auto end_stream = [&](std::uint64_t end) {
    stream.size_bytes = end - stream.begin;
    if (has_samples) streams.push_back(stream);
    stream.begin = end;
    has_samples = false;
  };
  PageReader reader(file);
  ogg_page page{};
  for (std::uint64_t begin = 0; reader.next(page); begin = reader.position()) {
    const bool begins_stream = ogg_page_bos(&page) != 0;
    if (begins_stream && in_stream) end_stream(begin);
    in_stream = !begins_stream;
    // The number of samples so far; of header pages 0, of pages in which no packet ends -1.
    has_samples = has_samples || ogg_page_granulepos(&page) > 0;
  }
  reader.check_end();
  end_stream(reader.position());
  if (streams.empty()) {
    throw std::runtime_error(file.name() + ": is truncated: it ends before its samples");
  }
  return streams;
}

}  // namespace harpy
