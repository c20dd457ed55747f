#include "acoustic/backend/cpu/thread_team.hpp"

#include <immintrin.h>

namespace harpy::cpu {

ThreadTeam::ThreadTeam(int thread_count) : errors_(static_cast<std::size_t>(thread_count)) {
  try {
    for (int part = 1; part < thread_count; ++part) {
      workers_.emplace_back([this, part] { work_loop(part); });
    }
  } catch (...) {
    stop();
    throw;
  }
}

ThreadTeam::~ThreadTeam() { stop(); }

void ThreadTeam::stop() {
  stopping_ = true;
  generation_.fetch_add(1, std::memory_order_release);
  wake();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadTeam::run_erased(Call call, void* context) {
  call_ = call;
  context_ = context;
  pending_.store(static_cast<int>(workers_.size()), std::memory_order_relaxed);
  generation_.fetch_add(1, std::memory_order_release);
  wake();
  run_part(0);
  for (int left = pending_.load(std::memory_order_acquire); left != 0;
       left = pending_.load(std::memory_order_acquire)) {
    wait_while_equal(pending_, left);
  }
  for (std::exception_ptr& error : errors_) {
    if (error == nullptr) continue;
    const std::exception_ptr first = error;
    std::fill(errors_.begin(), errors_.end(), nullptr);
    std::rethrow_exception(first);
  }
}

template <typename T>
void ThreadTeam::wait_while_equal(const std::atomic<T>& value, T old) {
  constexpr int kSpins = 2000;
  for (int spin = 0; spin < kSpins; ++spin) {
    if (value.load(std::memory_order_acquire) != old) return;
    _mm_pause();
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return value.load(std::memory_order_acquire) != old; });
}

void ThreadTeam::wake() {
  // The lock keeps a thread that is about to sleep from missing the change.
  { const std::lock_guard lock(mutex_); }
  changed_.notify_all();
}

void ThreadTeam::run_part(int part) noexcept {
  try {
    call_(context_, part);
  } catch (...) {
    errors_[static_cast<std::size_t>(part)] = std::current_exception();
  }
}

void ThreadTeam::work_loop(int part) {
  std::uint32_t seen = 0;
  while (true) {
    wait_while_equal(generation_, seen);
    seen = generation_.load(std::memory_order_acquire);
    if (stopping_) return;
    run_part(part);
    if (pending_.fetch_sub(1, std::memory_order_acq_rel) == 1) wake();
  }
}

}  // namespace harpy::cpu
