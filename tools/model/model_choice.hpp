#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace harpy::tools {

/// A model package, and why it was taken.
struct ModelChoice {
  std::filesystem::path folder;
  std::string
      reason;  ///< "it is the default model of this installation"; empty: an option named it
};

/// A place where the default model may be.
struct ModelPlace {
  std::filesystem::path folder;
  std::string owner;  ///< what the model belongs to: "this installation"
};

/// The places of the default model, the first one preferred: that of the installation, which is
/// found from where the running program lies, and that of the checkout the program was built in.
std::vector<ModelPlace> default_model_places();

/// The model that a command works with: the one named by an option or a configuration file, else
/// the first of `places` that holds a whole model package, with its graph.
/// Errors: std::runtime_error with how to get a model, if there is none.
ModelChoice choose_model(const std::filesystem::path& named,
                         const std::vector<ModelPlace>& places = default_model_places());

/// Says on standard error which model was taken and why, if that is a terminal and no option said
/// it.
void tell_model(const ModelChoice& choice);

}  // namespace harpy::tools
