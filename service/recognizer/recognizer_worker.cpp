#include "service/recognizer/recognizer_worker.hpp"

#include <utility>

#include "decoder/search/make_beam_search.hpp"

namespace harpy {
namespace {

std::optional<DeviceFeatureBatch> make_feature_batch(const ModelPackage& model,
                                                     const RecognizerOptions& options,
                                                     Backend& backend) {
  // Repeated edges and i-vectors are made on the host.
  if (model.description().repeats_edges || model.features()->ivectors()) return std::nullopt;
  const FeatureOptions& features = model.features()->options();
  const bool is_wanted = options.device_features.value_or(options.device.kind != DeviceKind::kCpu &&
                                                          DeviceFeatureBatch::supports(features));
  if (!is_wanted) return std::nullopt;
  return std::make_optional<DeviceFeatureBatch>(backend, features);
}

/// On the CPU each stream has its own products, so that the bits of its scores do not depend on how
/// many there are; a GPU needs many at once.
std::vector<std::int64_t> bucket_sizes(Device device) {
  if (device.kind == DeviceKind::kCpu) return {1};
  return {8, 64, kSessionsOnGpu};
}

}  // namespace

RecognizerWorker::RecognizerWorker(std::shared_ptr<const ModelPackage> package,
                                   const RecognizerOptions& options)
    : model(std::move(package)),
      backend(create_backend({.device = options.device, .precision = options.precision})),
      features(make_feature_batch(*model, options, *backend)),
      network(model->acoustic_grid(), *backend,
              {.bucket_sizes = bucket_sizes(options.device),
               .output_offsets = model->output_offsets()}),
      search(make_beam_search(model->decoding()->graph(), model->search_options(), *backend)) {}

}  // namespace harpy
