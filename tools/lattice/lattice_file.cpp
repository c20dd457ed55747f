#include "tools/lattice/lattice_file.hpp"

#include <stdexcept>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "decoder/lattice/lattice_text.hpp"
#include "models/files/text_lines.hpp"
#include "tools/lattice/lattice_json.hpp"

namespace harpy::tools {

namespace {

LatticeFile read_json_lines(TextLines& lines) {
  LatticeFile file{.lattices = {}, .words = SymbolTable(std::vector<std::string>{"<eps>"})};
  do {
    if (lines.fields().empty()) continue;
    boost::system::error_code fault;
    const boost::json::value value =
        boost::json::parse({lines.line().data(), lines.line().size()}, fault);
    if (fault) throw lines.error("the line is no JSON: " + fault.message());
    try {
      NamedLattice named{.id = {}, .lattice = lattice_of_json(value, file.words)};
      if (const auto* id = value.get_object().if_contains("id"); id != nullptr && id->is_string()) {
        named.id = std::string(id->get_string());
      }
      file.lattices.push_back(std::move(named));
    } catch (const std::runtime_error& error) {
      throw lines.error(error.what());
    }
  } while (lines.next());
  return file;
}

LatticeFile read_archive(TextLines lines) {
  LatticeFile file;
  LatticeArchive archive(std::move(lines));
  while (std::optional<ArchivedLattice> utterance = archive.next()) {
    file.lattices.push_back({std::move(utterance->id), std::move(utterance->lattice)});
  }
  file.words = archive.words();
  return file;
}

}  // namespace

LatticeFile read_lattices(const std::filesystem::path& path) {
  TextLines lines(path);
  while (lines.next() && lines.fields().empty()) {
  }
  if (lines.line().starts_with('{')) return read_json_lines(lines);
  return read_archive(std::move(lines));
}

}  // namespace harpy::tools
