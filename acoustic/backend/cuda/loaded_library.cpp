#include "acoustic/backend/cuda/loaded_library.hpp"

#include <dlfcn.h>

#include <utility>

#include "acoustic/backend/cuda/check.hpp"

namespace harpy::cuda {
namespace {

DeviceError loading_error(const std::string& title) {
  const char* const reason = dlerror();
  return error_at(DeviceErrorKind::kOther,
                  title + " cannot be loaded: " + (reason == nullptr ? "" : reason));
}

}  // namespace

LoadedLibrary::LoadedLibrary(std::string title, const std::string& file)
    : title_(std::move(title)) {
  for (const std::string& place : {file, HARPY_CUDA_LIBRARIES "/" + file}) {
    library_ = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library_ != nullptr) return;
  }
  throw loading_error(title_);
}

void* LoadedLibrary::symbol(const char* name) const {
  void* const found = dlsym(library_, name);
  if (found == nullptr) throw loading_error(title_);
  return found;
}

}  // namespace harpy::cuda
