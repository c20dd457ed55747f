#pragma once

#include <memory>
#include <type_traits>

#include "acoustic/backend/cuda/check.hpp"

namespace harpy::cuda {

/// Calls `Destroy` on a library's opaque pointer.
template <auto Destroy>
struct Destroyer {
  template <typename T>
  void operator()(T* object) const noexcept {
    static_cast<void>(Destroy(object));
  }
};

/// Owns an object that a library knows by an opaque pointer: get() goes into its calls.
template <typename Pointer, auto Destroy>
using Owner = std::unique_ptr<std::remove_pointer_t<Pointer>, Destroyer<Destroy>>;

/// Calls create(&pointer), which returns a status, and owns what it has made. Errors: DeviceError.
template <typename Result, typename Create>
Result made_by(const Create& create) {
  typename Result::pointer object = nullptr;
  check(create(&object));
  return Result(object);
}

}  // namespace harpy::cuda
