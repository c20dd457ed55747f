#pragma once

#include <map>
#include <memory>

#include "acoustic/backend/device_buffer.hpp"

namespace harpy {

/// A device's copies of immutable objects of the host, each made when it is first asked for and
/// kept as long as anybody uses it. `Copy` is made of the host's object and the device's memory,
/// and keeps both. Threads: one at a time.
template <typename Host, typename Copy>
class DeviceCopies {
 public:
  /// Errors: those of the device, std::bad_alloc among them.
  std::shared_ptr<const Copy> copy_of(const std::shared_ptr<const Host>& host,
                                      const std::shared_ptr<DeviceMemory>& memory) {
    std::erase_if(copies_, [](const auto& entry) { return entry.second.expired(); });
    const auto known = copies_.find(host.get());
    if (known != copies_.end()) return known->second.lock();
    auto copy = std::make_shared<const Copy>(host, memory);
    copies_.emplace(host.get(), copy);
    return copy;
  }

 private:
  std::map<const Host*, std::weak_ptr<const Copy>> copies_;
};

}  // namespace harpy
