#include "acoustic/backend/cuda/loaded_library.hpp"

#include <dlfcn.h>

#include <utility>

#include "acoustic/backend/cuda/check.hpp"

namespace harpy::cuda {
namespace {

/// What the linker has to say of its last failure.
std::string linker_words() {
  const char* const reason = dlerror();
  return reason == nullptr ? "" : reason;
}

DeviceError loading_error(const std::string& title, const std::string& reason) {
  return error_at(DeviceErrorKind::kOther, title + " cannot be loaded: " + reason);
}

}  // namespace

LoadedLibrary::LoadedLibrary(std::string title, const std::string& file)
    : title_(std::move(title)) {
  std::string reasons;
  for (const std::string& place : {file, HARPY_CUDA_LIBRARIES "/" + file}) {
    library_ = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library_ != nullptr) return;
    reasons += (reasons.empty() ? "" : "; ") + linker_words();
  }
  throw loading_error(title_, reasons);
}

void* LoadedLibrary::symbol(const char* name) const {
  void* const found = dlsym(library_, name);
  if (found == nullptr) throw loading_error(title_, linker_words());
  return found;
}

}  // namespace harpy::cuda
