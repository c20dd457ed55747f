#pragma once

#include <string>

#include "acoustic/backend/device.hpp"
#include "acoustic/backend/precision.hpp"

namespace CLI {
class App;
}

namespace harpy::tools {

/// The options of a command that say where it computes.
struct ComputingOptions {
  std::string device = "cpu";
  std::string precision = "fp32";
};

/// Adds --device.
void add_device_option(CLI::App& command, std::string& device);
/// Adds --device and --precision. `trains`: precisions are offered that only training has.
void add_computing_options(CLI::App& command, ComputingOptions& options, bool trains);

/// Where a command computes.
struct Computing {
  Device device;
  Precision precision = Precision::kFloat32;
  /// Why the CPU computes although "auto" was asked for, to be told to the user; empty: nothing to
  /// tell.
  std::string fallback_reason;

  bool is_on_gpu() const { return device.kind != DeviceKind::kCpu; }
};

/// Errors: std::invalid_argument for a device that nobody knows.
Computing choose_computing(const ComputingOptions& options);

/// Tells on standard error why the CPU computes although "auto" was asked for, if it does.
void tell_fallback(const Computing& computing);

/// The number that was asked for or, if it is 0, the number of the machine's cores.
int thread_count(int asked);

/// How a recognizer is run on a device.
struct RecognizerThreads {
  int sessions = 1;  ///< that are recognised at once
  int workers = 1;   ///< threads that recognise, on a GPU those that do the host's part
  int readers = 1;   ///< threads that read recordings; a few of them feed many sessions
};

/// `asked_sessions` of 0: as many as the device does well, which is one a core on the CPU.
/// `at_most`: no more sessions than that.
RecognizerThreads recognizer_threads(const Device& device, int asked_sessions,
                                     std::size_t at_most = static_cast<std::size_t>(-1));

}  // namespace harpy::tools
