#pragma once

#include <filesystem>
#include <memory>
#include <mutex>

#include "acoustic/backend/device.hpp"
#include "service/recognizer/model_package.hpp"
#include "service/recognizer/recognizer.hpp"

namespace harpy::capi {

/// A model and the threads that recognise with it, which its recognizers share. Threads: any.
class LoadedModel {
 public:
  /// Loads a package, or a folder of Vosk's or Kaldi's, for a device.
  /// Errors: std::runtime_error naming the file and what is wrong.
  LoadedModel(const std::filesystem::path& folder, Device device);

  const ModelPackage& package() const { return *package_; }

  /// Its threads start at the first call, so that a program may load a model and then fork.
  /// Errors: std::runtime_error if the device is not usable.
  Recognizer& recognizer();

 private:
  const Device device_;
  std::shared_ptr<const ModelPackage> package_;
  std::once_flag once_;
  std::unique_ptr<Recognizer> recognizer_;
};

}  // namespace harpy::capi
