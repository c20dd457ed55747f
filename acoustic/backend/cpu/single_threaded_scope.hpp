#pragma once

#include <omp.h>

namespace harpy::cpu {

/// Keeps oneDNN on the calling thread; gives the thread its former setting back.
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
