#pragma once

#include <string>
#include <utility>
#include <vector>

#include <prometheus/metric_family.h>

#include "service/recognizer/atomic_histogram.hpp"

namespace harpy {

/// Names and values by which the metrics of a family differ.
using MetricLabels = std::vector<prometheus::ClientMetric::Label>;

/// A family that says what it is and has no metrics yet.
prometheus::MetricFamily counter_family(std::string name, std::string help);
prometheus::MetricFamily gauge_family(std::string name, std::string help);
prometheus::MetricFamily histogram_family(std::string name, std::string help);
/// A family of one metric.
prometheus::MetricFamily counter_family(std::string name, std::string help, double value);
prometheus::MetricFamily gauge_family(std::string name, std::string help, double value);

/// Adds a metric to a family of its kind.
void add_counter(prometheus::MetricFamily& family, MetricLabels labels, double value);
void add_gauge(prometheus::MetricFamily& family, MetricLabels labels, double value);
void add_histogram(prometheus::MetricFamily& family, MetricLabels labels,
                   const AtomicHistogram& histogram);

}  // namespace harpy
