#include "tests/support/cuda_emulation/fiber.hpp"

#include <sys/mman.h>

#include <new>

#include "tests/support/cuda_emulation/address_sanitizer.hpp"
#include "tests/support/cuda_emulation/thread_sanitizer.hpp"

namespace harpy::cuda_emulation {
namespace {

namespace context = boost::context::detail;

constexpr std::size_t kPageBytes = 4096;
constexpr std::size_t kStackBytes = std::size_t{128} << 10;

}  // namespace

Fiber::Fiber(void (*body)(Fiber&)) : body_(body), watched_(make_watched_thread()) {
  void* const stack = mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (stack == MAP_FAILED) throw std::bad_alloc();
  stack_ = static_cast<std::byte*>(stack);
  mprotect(stack_, kPageBytes, PROT_NONE);
  allow(stack_, kStackBytes);
  context_ = context::make_fcontext(stack_ + kStackBytes, kStackBytes - kPageBytes, &Fiber::enter);
}

Fiber::~Fiber() {
  end_watched_thread(watched_);
  allow(stack_, kStackBytes);
  munmap(stack_, kStackBytes);
}

void Fiber::resume() {
#ifdef __SANITIZE_ADDRESS__
  void* fake_stack = nullptr;
  __sanitizer_start_switch_fiber(&fake_stack, stack_ + kPageBytes, kStackBytes - kPageBytes);
#endif
  watched_resumer_ = watched_thread();
  watch(watched_);
  context_ = context::jump_fcontext(context_, this).fctx;
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_finish_switch_fiber(fake_stack, nullptr, nullptr);
#endif
}

void Fiber::suspend() {
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_start_switch_fiber(&fake_stack_, resumer_stack_, resumer_stack_bytes_);
#endif
  watch(watched_resumer_);
  resumer_ = context::jump_fcontext(resumer_, nullptr).fctx;
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_finish_switch_fiber(fake_stack_, &resumer_stack_, &resumer_stack_bytes_);
#endif
}

void Fiber::enter(context::transfer_t from) {
  auto& fiber = *static_cast<Fiber*>(from.data);
  fiber.resumer_ = from.fctx;
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_finish_switch_fiber(nullptr, &fiber.resumer_stack_, &fiber.resumer_stack_bytes_);
#endif
  fiber.body_(fiber);
}

}  // namespace harpy::cuda_emulation
