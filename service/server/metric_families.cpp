#include "service/server/metric_families.hpp"

#include <limits>

namespace harpy {

namespace {

prometheus::MetricFamily family_of(std::string name, std::string help,
                                   prometheus::MetricType type) {
  return {.name = std::move(name), .help = std::move(help), .type = type, .metric = {}};
}

}  // namespace

prometheus::MetricFamily counter_family(std::string name, std::string help) {
  return family_of(std::move(name), std::move(help), prometheus::MetricType::Counter);
}

prometheus::MetricFamily gauge_family(std::string name, std::string help) {
  return family_of(std::move(name), std::move(help), prometheus::MetricType::Gauge);
}

prometheus::MetricFamily histogram_family(std::string name, std::string help) {
  return family_of(std::move(name), std::move(help), prometheus::MetricType::Histogram);
}

prometheus::MetricFamily counter_family(std::string name, std::string help, double value) {
  prometheus::MetricFamily family = counter_family(std::move(name), std::move(help));
  add_counter(family, {}, value);
  return family;
}

prometheus::MetricFamily gauge_family(std::string name, std::string help, double value) {
  prometheus::MetricFamily family = gauge_family(std::move(name), std::move(help));
  add_gauge(family, {}, value);
  return family;
}

void add_counter(prometheus::MetricFamily& family, MetricLabels labels, double value) {
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  metric.counter.value = value;
}

void add_gauge(prometheus::MetricFamily& family, MetricLabels labels, double value) {
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  metric.gauge.value = value;
}

void add_histogram(prometheus::MetricFamily& family, MetricLabels labels,
                   const AtomicHistogram& histogram) {
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  const AtomicHistogram::Snapshot snapshot = histogram.snapshot();
  std::uint64_t count = 0;
  for (std::size_t range = 0; range < snapshot.counts.size(); ++range) {
    count += snapshot.counts[range];
    const bool is_last = range == snapshot.upper_bounds.size();
    metric.histogram.bucket.push_back({.cumulative_count = count,
                                       .upper_bound = is_last
                                                          ? std::numeric_limits<double>::infinity()
                                                          : snapshot.upper_bounds[range]});
  }
  metric.histogram.sample_count = count;
  metric.histogram.sample_sum = snapshot.sum;
}

}  // namespace harpy
