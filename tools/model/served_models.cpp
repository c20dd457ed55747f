#include "tools/model/served_models.hpp"

#include <memory>
#include <set>
#include <stdexcept>
#include <utility>

#include "tools/model/model_choice.hpp"

namespace harpy::tools {

namespace {

ServedModelChoice served_model_in(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || text.find('/') < equals) return {.name = {}, .folder = text};
  return {.name = text.substr(0, equals), .folder = text.substr(equals + 1)};
}

}  // namespace

std::vector<ServedModelChoice> choose_served_models(const std::vector<std::string>& texts) {
  std::vector<ServedModelChoice> models;
  models.reserve(texts.size());
  for (const std::string& text : texts) models.push_back(served_model_in(text));
  if (models.empty()) models.emplace_back();
  for (ServedModelChoice& model : models) {
    const ModelChoice choice = choose_model(model.folder);
    tell_model(choice);
    model.folder = choice.folder;
  }
  return models;
}

RecognizerSet make_recognizers(const std::vector<ServedModelChoice>& models,
                               const SearchOverrides& search, const RecognizerOptions& options) {
  const auto backend = create_backend({.device = options.device, .precision = options.precision});
  std::vector<NamedRecognizer> recognizers;
  std::set<std::string> names;
  for (const auto& [given_name, folder] : models) {
    const auto model = ModelPackage::load(*backend, folder, search, FileMemory::kOwn);
    const std::string name = given_name.empty() ? model->description().name : given_name;
    if (!names.insert(name).second) {
      throw std::runtime_error("two models have the name " + name +
                               ": expected --model NAME=FOLDER");
    }
    recognizers.push_back({name, std::make_shared<Recognizer>(model, options)});
  }
  return RecognizerSet(std::move(recognizers));
}

}  // namespace harpy::tools
