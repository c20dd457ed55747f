#include "acoustic/backend/device.hpp"

#include <charconv>
#include <stdexcept>

#include "acoustic/backend/cuda/cuda_devices.hpp"

namespace harpy {

Device parse_device(std::string_view text) {
  if (text == "cpu") return {};
  if (text == "auto") {
    return cuda::device_count() > 0 ? Device{DeviceKind::kCuda, 0} : Device{};
  }
  if (text == "cuda") return {DeviceKind::kCuda, 0};
  constexpr std::string_view kPrefix = "cuda:";
  if (text.starts_with(kPrefix)) {
    const std::string_view digits = text.substr(kPrefix.size());
    int index = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    if (error == std::errc{} && end == digits.data() + digits.size() && index >= 0) {
      return {DeviceKind::kCuda, index};
    }
  }
  throw std::invalid_argument("device: expected cpu, cuda, cuda:N or auto, got \"" +
                              std::string(text) + "\"");
}

std::vector<Device> available_devices() {
  std::vector<Device> devices{Device{}};
  for (int index = 0; index < cuda::device_count(); ++index) {
    devices.push_back({DeviceKind::kCuda, index});
  }
  return devices;
}

std::string to_string(Device device) {
  return device.kind == DeviceKind::kCpu ? "cpu" : "cuda:" + std::to_string(device.index);
}

}  // namespace harpy
