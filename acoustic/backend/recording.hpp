#pragma once

namespace harpy {

/// Operations that a backend has recorded, see Backend::record.
class Recording {
 public:
  virtual ~Recording() = default;

  /// Carries them out as one step of the backend; false, and nothing happens, if the device cannot,
  /// for want of memory above all.
  virtual bool launch() = 0;
};

}  // namespace harpy
