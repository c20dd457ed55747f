#include "tools/lattice/lattice_drawing.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>
#include <system_error>

#include "decoder/lattice/n_best.hpp"
#include "models/files/text_lines.hpp"

namespace harpy::tools {

namespace {

std::string quoted(const std::string& text) {
  std::string quoted_text = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') quoted_text += '\\';
    quoted_text += letter;
  }
  return quoted_text + "\"";
}

std::string cost_text(double cost) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f", cost);
  return text.data();
}

/// A folder for the two files of a picture, gone when the picture is made.
class PictureFolder {
 public:
  PictureFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "harpy-dot-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
      throw std::runtime_error(name + ": the folder cannot be made");
    }
    path_ = name;
  }
  ~PictureFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  PictureFolder(const PictureFolder&) = delete;
  PictureFolder& operator=(const PictureFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace

std::string lattice_dot(const std::string& id, const CompactLattice& lattice,
                        const SymbolTable& words) {
  const LatticePath best = best_path(lattice);
  const std::set<std::uint32_t> bold(best.arcs.begin(), best.arcs.end());
  std::string text = "digraph " + quoted(id) + " {\n  rankdir = LR;\n  label = " + quoted(id) +
                     ";\n  node [shape = circle];\n";
  for (std::uint32_t state = 0; state < lattice.states().size(); ++state) {
    const CompactLatticeState& place = lattice.states()[state];
    text += "  " + std::to_string(state) + " [label = \"" + std::to_string(place.frame) + "\"";
    if (!std::isinf(place.final_cost())) text += ", shape = doublecircle";
    text += "];\n";
  }
  for (std::uint32_t i = 0; i < lattice.arcs().size(); ++i) {
    const CompactLatticeArc& arc = lattice.arcs()[i];
    text += "  " + std::to_string(arc.source) + " -> " + std::to_string(arc.target) +
            " [label = " + quoted(words.name(arc.word) + " " + cost_text(arc.cost()));
    if (bold.contains(i)) text += ", style = bold";
    text += "];\n";
  }
  return text + "}\n";
}

std::string svg_of_dot(const std::string& dot) {
  const PictureFolder folder;
  const std::filesystem::path source = folder.path() / "lattice.dot";
  const std::filesystem::path picture = folder.path() / "lattice.svg";
  std::ofstream(source) << dot;
  const std::string command =
      "dot -Tsvg -o '" + picture.string() + "' '" + source.string() + "' 2>&1 > /dev/null";
  // NOLINTNEXTLINE(cert-env33-c): the names are our own.
  if (std::system(command.c_str()) != 0) {
    throw std::runtime_error("Graphviz's program dot is needed for SVG and did not do its work");
  }
  return read_text(picture);
}

}  // namespace harpy::tools
