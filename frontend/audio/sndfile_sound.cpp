#include "frontend/audio/sndfile_sound.hpp"

#include <cstdio>
#include <mutex>
#include <utility>

namespace harpy {

OpenedSndfile open_sndfile(SF_VIRTUAL_IO io, int mode, SF_INFO& info, void* user) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  SndfileSound sound(sf_open_virtual(&io, mode, &info, user));
  if (sound) return {.sound = std::move(sound)};
  return {.sound = nullptr, .error = sf_error(nullptr), .reason = sf_strerror(nullptr)};
}

sf_count_t sndfile_place(sf_count_t offset, int whence, sf_count_t place, sf_count_t size) {
  const sf_count_t origin = whence == SEEK_CUR ? place : whence == SEEK_END ? size : 0;
  return origin + offset < 0 ? -1 : origin + offset;
}

}  // namespace harpy
