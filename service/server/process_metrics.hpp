#pragma once

#include <chrono>
#include <vector>

#include <prometheus/metric_family.h>

namespace harpy {

/// What the operating system tells of this process, under the names that Prometheus's clients use;
/// what it does not tell is left out. `began`: when the program did.
std::vector<prometheus::MetricFamily> process_metrics(std::chrono::system_clock::time_point began);

}  // namespace harpy
