#pragma once

#include <string>

namespace harpy::cuda {

/// A shared library of the CUDA toolkit that is loaded when it is first wanted, from where the
/// system finds it or else from the toolkit that Harpy was built with. It stays loaded.
class LoadedLibrary {
 public:
  /// `title` names it to people, `file` is its file, such as "libnccl.so.2".
  /// Errors: DeviceError saying why it cannot be loaded.
  LoadedLibrary(std::string title, const std::string& file);

  /// Sets `function` to the library's function of that name. Errors: DeviceError if it has none.
  template <typename Function>
  void find(const char* name, Function& function) const {
    function = reinterpret_cast<Function>(symbol(name));
  }

 private:
  void* symbol(const char* name) const;

  std::string title_;
  void* library_ = nullptr;
};

}  // namespace harpy::cuda
