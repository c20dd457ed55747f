#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "service/recognizer/recognizer_set.hpp"

namespace harpy::tools {

/// A model package and the name by which clients ask for it; empty: the model's own.
struct ServedModelChoice {
  std::string name;
  std::filesystem::path folder;
};

/// The models of a server as options name them: NAME=FOLDER, or a folder alone, whose path has no
/// "=" before its first slash. Without any, the default model.
/// Errors: those of choose_model.
std::vector<ServedModelChoice> choose_served_models(const std::vector<std::string>& texts);

/// Loads the models, each for a recognizer with these options, into memory of their own.
/// Errors: std::runtime_error if a model cannot be loaded, or two have the same name.
RecognizerSet make_recognizers(const std::vector<ServedModelChoice>& models,
                               const SearchOverrides& search, const RecognizerOptions& options);

}  // namespace harpy::tools
