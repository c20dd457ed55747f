#include "tools/train/trained_package.hpp"

#include "acoustic/network_file.hpp"
#include "models/files/checksum.hpp"

namespace harpy::tools {

void write_trained_package(const std::filesystem::path& folder, ModelDescription model,
                           Backend& backend, Network& network) {
  const std::filesystem::path weights = folder / model.acoustic_file;
  write_network_file(weights, backend, network.tensors());
  model.acoustic_checksum = file_checksum(weights);
  write_model_description(folder / "model.json", model);
}

bool has_trained_package(const std::filesystem::path& folder, const ModelDescription& model) {
  return std::filesystem::exists(folder / model.acoustic_file);
}

}  // namespace harpy::tools
