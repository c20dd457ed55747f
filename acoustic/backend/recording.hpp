#pragma once

namespace harpy {

/// Operations that a backend has recorded, see Backend::record.
class Recording {
 public:
  virtual ~Recording() = default;

  /// Carries the operations out as one step of the backend and returns true. Returns false, and
  /// does nothing, if the device cannot, mostly because its memory is full.
  virtual bool launch() = 0;
};

}  // namespace harpy
