#pragma once

#include <omp.h>

namespace harpy::cpu {

/// While it lives, oneDNN works on the calling thread alone. Its end restores the former setting.
class SingleThreadedScope {
 public:
  SingleThreadedScope() : former_(omp_get_max_threads()) { omp_set_num_threads(1); }
  SingleThreadedScope(const SingleThreadedScope&) = delete;
  SingleThreadedScope& operator=(const SingleThreadedScope&) = delete;
  ~SingleThreadedScope() { omp_set_num_threads(former_); }

 private:
  int former_;
};

}  // namespace harpy::cpu
