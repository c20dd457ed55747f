#include "acoustic/acoustic_model.hpp"

#include <stdexcept>
#include <utility>

namespace harpy {

std::shared_ptr<const AcousticModel> AcousticModel::load(Backend& backend,
                                                         const boost::json::object& description,
                                                         const std::filesystem::path& weights) {
  Network network(backend, description, 0);
  FileMetadata metadata = read_network_file(weights, backend, network.tensors());
  return std::make_shared<const AcousticModel>(backend, std::move(network), std::move(metadata));
}

AcousticModel::AcousticModel(Backend& backend, Network network, FileMetadata metadata)
    : network_(std::move(network)), metadata_(std::move(metadata)) {
  network_.prepare_inference(backend);
  backend.synchronize();  // other backends read the weights
}

std::size_t AcousticModel::head_index(std::string_view name) const {
  const std::vector<std::string> names = network_.head_names();
  std::string all;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return i;
    all += (i > 0 ? ", " : "") + names[i];
  }
  throw std::invalid_argument("acoustic model: expected a head of " + all + ", got \"" +
                              std::string(name) + "\"");
}

}  // namespace harpy
