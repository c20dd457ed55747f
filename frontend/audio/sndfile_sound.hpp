#pragma once

#include <sndfile.h>

#include <memory>
#include <string>

namespace harpy {

struct SndfileCloser {
  void operator()(SNDFILE* sound) const { sf_close(sound); }
};
using SndfileSound = std::unique_ptr<SNDFILE, SndfileCloser>;

/// What came of opening bytes with libsndfile.
struct OpenedSndfile {
  SndfileSound sound;  ///< null if it failed
  int error = 0;       ///< libsndfile's number and words of why
  std::string reason;
};

/// Opens what `io` reads or writes. libsndfile keeps the error of a failed opening in a global
/// variable, which is read here before another thread can open anything.
OpenedSndfile open_sndfile(SF_VIRTUAL_IO io, int mode, SF_INFO& info, void* user);

/// The place that a seek of `io` leads to, from the place where it is; -1 if there is none.
sf_count_t sndfile_place(sf_count_t offset, int whence, sf_count_t place, sf_count_t size);

}  // namespace harpy
