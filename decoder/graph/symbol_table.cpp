#include "decoder/graph/symbol_table.hpp"

#include <stdexcept>

#include "models/files/replacement_file.hpp"
#include "models/files/text_lines.hpp"

namespace harpy {

namespace {

// Ids beyond it would only cost memory before the gaps between them are seen.
constexpr std::int32_t kMaxId = 1 << 28;

}  // namespace

SymbolTable::SymbolTable(const std::vector<std::string>& symbols) {
  names_.reserve(symbols.size());
  ids_.reserve(symbols.size());
  for (const std::string& symbol : symbols) add(symbol);
}

SymbolTable SymbolTable::read(const std::filesystem::path& path) {
  TextLines lines(path);
  std::vector<std::string> names;
  std::vector<bool> named;
  while (lines.next()) {
    if (lines.fields().size() != 2) {
      throw lines.error("expected a symbol and its number, got " +
                        std::to_string(lines.fields().size()) + " fields");
    }
    const std::optional<std::int32_t> id = parse_int32(lines.fields()[1]);
    if (!id || *id < 0 || *id >= kMaxId) {
      throw lines.error("\"" + std::string(lines.fields()[1]) + "\" is not a symbol's number");
    }
    const auto index = static_cast<std::size_t>(*id);
    if (index >= names.size()) {
      names.resize(index + 1);
      named.resize(index + 1);
    }
    if (named[index]) throw lines.error("the number " + std::to_string(*id) + " was met before");
    named[index] = true;
    names[index] = lines.fields()[0];
  }
  for (std::size_t id = 0; id < names.size(); ++id) {
    if (!named[id]) {
      throw std::runtime_error(path.string() + ": no symbol has the number " + std::to_string(id));
    }
  }
  try {
    return SymbolTable(names);
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(path.string() + ": " + error.what());
  }
}

void SymbolTable::write(const std::filesystem::path& path) const {
  std::string text;
  for (std::int32_t id = 0; id < size(); ++id) text += name(id) + " " + std::to_string(id) + "\n";
  replace_file(path, text);
}

std::int32_t SymbolTable::add(std::string_view symbol) {
  if (symbol.empty() || symbol.find_first_of(std::string_view(" \t\r\n\v\f\0", 7)) != symbol.npos) {
    throw std::invalid_argument("symbol \"" + std::string(symbol) +
                                "\": empty or with white space");
  }
  const std::int32_t id = size();
  if (!ids_.emplace(symbol, id).second) {
    throw std::invalid_argument("symbol \"" + std::string(symbol) + "\" is there twice");
  }
  names_.emplace_back(symbol);
  return id;
}

std::optional<std::int32_t> SymbolTable::find(std::string_view symbol) const {
  const auto found = ids_.find(symbol);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

const std::string& SymbolTable::name(std::int32_t id) const {
  if (id < 0 || id >= size()) {
    throw std::out_of_range("symbol number " + std::to_string(id) + " of " +
                            std::to_string(size()));
  }
  return names_[static_cast<std::size_t>(id)];
}

}  // namespace harpy
