#include "service/recognizer/recognizer_worker.hpp"

#include <utility>

#include "decoder/search/make_beam_search.hpp"
#include "frontend/device_feature_batch.hpp"

namespace harpy {
namespace {

bool computes_features_on_device(const ModelPackage& model, const RecognizerOptions& options) {
  // Repeated edges and i-vectors are made on the host.
  if (model.description().repeats_edges || model.features()->ivectors()) return false;
  return options.device_features.value_or(
      options.device.kind != DeviceKind::kCpu &&
      DeviceFeatureBatch::supports(model.features()->options()));
}

/// On the CPU each stream has its own products, so that the bits of its scores do not depend on how
/// many there are; a GPU needs many at once.
std::vector<std::int64_t> bucket_sizes(Device device) {
  if (device.kind == DeviceKind::kCpu) return {1};
  return {8, 16, 32, 64, 128, 256, kSessionsOnGpu};
}

}  // namespace

RecognizerWorker::RecognizerWorker(std::shared_ptr<const ModelPackage> package,
                                   const RecognizerOptions& options)
    : model(std::move(package)),
      has_device_features(computes_features_on_device(*model, options)),
      host_threads(options.device.kind == DeviceKind::kCpu ? 1 : options.worker_count),
      metrics(options.metrics),
      backend(create_backend({.device = options.device, .precision = options.precision})),
      network(model->acoustic_grid(), *backend,
              {.bucket_sizes = bucket_sizes(options.device),
               .output_offsets = model->output_offsets()}),
      search(make_beam_search(model->decoding()->graph(), model->search_options(), *backend)) {}

}  // namespace harpy
