#pragma once

#include <filesystem>

#include "acoustic/network.hpp"
#include "tools/train/training_units.hpp"

namespace harpy::tools {

/// Fills a network with the weights of a model package, which has the same labels and the same
/// network but for what training alone looks at. Residual blocks of the trunk that the package
/// lacks begin as the identity, so that a trained network can be made deeper (the last batch norm's
/// weight is 0: Goyal et al., Accurate, large minibatch SGD, 2017). If the network has units for
/// pairs of labels and the package has none, each unit begins as its label, and the label's
/// probability is shared out among its units as they occur. With reset_output the heads keep the
/// random weights that they have, whatever the package's units are. Errors: std::runtime_error
/// naming the file and the tensor that does not fit.
void read_initial_weights(const std::filesystem::path& folder, bool reset_output, Backend& backend,
                          const TrainingUnits& units, Network& network);

}  // namespace harpy::tools
