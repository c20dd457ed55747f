#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "acoustic/network.hpp"
#include "acoustic/network_file.hpp"

namespace harpy {

/// A trained network, ready to serve. It never changes and is shared by all streams on one device.
/// Threads: may be used by any threads at once.
class AcousticModel {
 public:
  /// Builds the network that `description` describes, fills it from a network file and prepares it
  /// for inference in the backend's precision.
  /// Errors: as of Network's constructor and read_network_file.
  static std::shared_ptr<const AcousticModel> load(Backend& backend,
                                                   const boost::json::object& description,
                                                   const std::filesystem::path& weights);

  /// Takes over a network, for instance one that has just been trained, and prepares it for
  /// inference (Network::prepare_inference).
  AcousticModel(Backend& backend, Network network, FileMetadata metadata = {});

  const Network& network() const { return network_; }
  /// The metadata of the network file.
  const FileMetadata& metadata() const { return metadata_; }
  std::int64_t feature_dim() const { return network_.input_dim(); }
  /// Errors: std::invalid_argument listing the heads there are.
  std::size_t head_index(std::string_view name) const;

 private:
  Network network_;
  FileMetadata metadata_;
};

}  // namespace harpy
