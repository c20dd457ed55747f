#include "tools/lattice/lattice_drawing.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <memory>
#include <set>
#include <stdexcept>

#include "decoder/lattice/n_best.hpp"
#include "frontend/audio/limited_process.hpp"
#include "models/files/printed.hpp"

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

std::string cost_text(double cost) { return printed("%.2f", cost); }

[[noreturn]] void fail(const std::string& why) {
  throw std::runtime_error("Graphviz's program dot is needed for SVG and did not do its work: " +
                           why);
}

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
  const auto program = find_program("dot");
  if (!program) fail("it is not installed (on Debian: apt install graphviz)");
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> source(std::tmpfile(), std::fclose);
  if (!source || std::fwrite(dot.data(), 1, dot.size(), source.get()) != dot.size() ||
      std::fflush(source.get()) != 0) {
    fail("its input cannot be written to a temporary file");
  }
  std::rewind(source.get());
  LimitedProcess process({*program, "-Tsvg"}, fileno(source.get()), {});
  std::string picture;
  std::array<std::byte, 1 << 16> piece{};
  try {
    while (const std::size_t count = process.read(piece)) {
      picture.append(reinterpret_cast<const char*>(piece.data()), count);
    }
    process.wait();
  } catch (const std::runtime_error& error) {
    fail(std::string("it ") + error.what() + ": " + process.complaint());
  }
  return picture;
}

}  // namespace harpy::tools
