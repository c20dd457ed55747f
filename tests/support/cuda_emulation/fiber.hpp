#pragma once

#include <boost/context/detail/fcontext.hpp>
#include <cstddef>

namespace harpy::cuda_emulation {

/// A stack and what runs on it, told to the sanitizers. A fiber is resumed by the thread that
/// looks after it and hands control back by suspend().
class Fiber {
 public:
  /// `body` is called with the fiber at the first resume() and never returns.
  explicit Fiber(void (*body)(Fiber&));
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Runs the fiber until it suspends itself.
  void resume();
  /// Called on the fiber: goes on in resume().
  void suspend();

 private:
  static void enter(boost::context::detail::transfer_t from);

  void (*body_)(Fiber&);
  std::byte* stack_ = nullptr;                            ///< with a page at its end that faults
  boost::context::detail::fcontext_t context_ = nullptr;  ///< where the fiber stands
  boost::context::detail::fcontext_t resumer_ = nullptr;  ///< where resume() stands
  // Known to AddressSanitizer.
  void* fake_stack_ = nullptr;
  const void* resumer_stack_ = nullptr;
  std::size_t resumer_stack_bytes_ = 0;
  // Known to ThreadSanitizer.
  void* watched_;
  void* watched_resumer_ = nullptr;
};

}  // namespace harpy::cuda_emulation
