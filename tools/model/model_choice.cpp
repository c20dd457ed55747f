#include "tools/model/model_choice.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

#include "kaldi/package_cache.hpp"

namespace harpy::tools {

namespace fs = std::filesystem;

namespace {

bool is_whole_model(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / "model.json", ignored) && fs::exists(folder / "graph.harpy", ignored);
}

}  // namespace

std::vector<ModelPlace> default_model_places() {
  std::vector<ModelPlace> places;
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    places.push_back(
        {(program.parent_path() / HARPY_DATA_FROM_PROGRAM / "models/en-small").lexically_normal(),
         "this installation"});
  }
  places.push_back({fs::path(HARPY_CHECKOUT) / "models/en-small", "the checkout"});
  return places;
}

ModelChoice choose_model(const fs::path& named, const std::vector<ModelPlace>& places) {
  if (!named.empty()) {
    const char* const variable = std::getenv("HARPY_MODEL");
    const bool is_from_environment = variable != nullptr && named == variable;
    return {kaldi::package_of(named), is_from_environment ? "HARPY_MODEL names it" : ""};
  }
  for (const ModelPlace& place : places) {
    if (is_whole_model(place.folder)) {
      return {place.folder, "it is the default model of " + place.owner};
    }
  }
  throw std::runtime_error(
      "there is no model: name one with --model or HARPY_MODEL, or run tools/quickstart in a "
      "checkout of Harpy, which makes the default one");
}

void tell_model(const ModelChoice& choice) {
  if (choice.reason.empty() || isatty(fileno(stderr)) != 1) return;
  std::fprintf(stderr, "harpy: model %s: %s\n", choice.folder.c_str(), choice.reason.c_str());
}

}  // namespace harpy::tools
