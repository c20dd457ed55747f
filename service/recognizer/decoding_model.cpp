#include "service/recognizer/decoding_model.hpp"

#include <stdexcept>
#include <utility>

namespace harpy {

namespace {

LatticeRescorer::Model map_language_model(const std::filesystem::path& path, FileMemory memory) {
  if (!std::filesystem::exists(path)) {
    throw std::runtime_error(path.string() +
                             ": missing; `harpy lm --model ARPA --output FILE.ngram` makes it");
  }
  return std::make_shared<const MappedNgramModel>(path, memory);
}

}  // namespace

std::shared_ptr<const WrittenForm> WrittenFormFolder::get() const {
  std::call_once(once_, [this] { form_ = std::make_shared<const WrittenForm>(folder_); });
  return form_;
}

std::shared_ptr<const LatticeRescorer> load_rescorer(const SecondPassFiles& files,
                                                     const SymbolTable& words, FileMemory memory) {
  LatticeRescorer::Models models{.graph = map_language_model(files.graph_language_model, memory),
                                 .larger = map_language_model(files.language_model, memory)};
  try {
    return std::make_shared<const LatticeRescorer>(std::move(models), words, files.scale);
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(files.language_model.string() + ": " + error.what());
  }
}

}  // namespace harpy
