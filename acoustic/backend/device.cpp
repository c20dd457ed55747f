#include "acoustic/backend/device.hpp"

#include <charconv>
#include <stdexcept>

#include "acoustic/backend/backend_kinds.hpp"

namespace harpy {

DeviceChoice choose_device(std::string_view text) {
  if (text == "cpu") return {};
  if (text == "auto") {
    const DeviceReport found = cuda::find_devices();
    if (found.devices.empty()) return {Device{}, found.cuda_obstacle};
    return {found.devices.front().device, {}};
  }
  if (text == "cuda") return {{DeviceKind::kCuda, 0}, {}};
  constexpr std::string_view kPrefix = "cuda:";
  if (text.starts_with(kPrefix)) {
    const std::string_view digits = text.substr(kPrefix.size());
    int index = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    if (error == std::errc{} && end == digits.data() + digits.size() && index >= 0) {
      return {{DeviceKind::kCuda, index}, {}};
    }
  }
  throw std::invalid_argument("device: expected cpu, cuda, cuda:N or auto, got \"" +
                              std::string(text) + "\"");
}

Device parse_device(std::string_view text) { return choose_device(text).device; }

DeviceReport find_devices() {
  DeviceReport report = cuda::find_devices();
  report.devices.insert(report.devices.begin(), {Device{}, "host processor", 0});
  return report;
}

std::vector<Device> available_devices() {
  std::vector<Device> devices;
  for (const DeviceDescription& found : find_devices().devices) devices.push_back(found.device);
  return devices;
}

std::string to_string(Device device) {
  return device.kind == DeviceKind::kCpu ? "cpu" : "cuda:" + std::to_string(device.index);
}

}  // namespace harpy
