#include "service/capi/loaded_model.hpp"

#include <algorithm>
#include <string>
#include <thread>

#include "acoustic/backend/backend.hpp"
#include "kaldi/package_cache.hpp"
#include "service/capi/log.hpp"

namespace harpy::capi {

LoadedModel::LoadedModel(const std::filesystem::path& folder, Device device) : device_(device) {
  const auto backend = create_backend({.device = device});
  package_ = ModelPackage::load(*backend, kaldi::package_of(folder));
}

Recognizer& LoadedModel::recognizer() {
  std::call_once(once_, [this] {
    const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    const auto tell_loss = [](const std::string& reason) {
      log().error("the device is lost, the CPU takes over: {}", reason);
    };
    recognizer_ = std::make_unique<Recognizer>(
        package_,
        RecognizerOptions{.device = device_, .worker_count = cores, .on_device_lost = tell_loss});
  });
  return *recognizer_;
}

}  // namespace harpy::capi
