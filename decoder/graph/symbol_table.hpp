#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace harpy {

/// Names numbered from 0 without gaps, such as the words of a graph's output labels.
///
/// Threads: const access from any thread.
class SymbolTable {
 public:
  SymbolTable() = default;

  /// Symbols numbered in the order given. Errors: std::invalid_argument as add.
  explicit SymbolTable(const std::vector<std::string>& symbols);

  /// Reads lines `SYMBOL ID`, in any order, ids 0 .. lines - 1 each once.
  /// Errors: std::runtime_error naming file and line.
  static SymbolTable read(const std::filesystem::path& path);

  /// Writes such a file, in order of ids, beside its place and then by rename.
  /// Errors: std::runtime_error naming the file.
  void write(const std::filesystem::path& path) const;

  /// Appends a symbol and returns its id.
  /// Errors: std::invalid_argument if it is there already, is empty or contains white space.
  std::int32_t add(std::string_view symbol);

  std::optional<std::int32_t> find(std::string_view symbol) const;

  /// Errors: std::out_of_range if no symbol has the id.
  const std::string& name(std::int32_t id) const;

  std::int32_t size() const { return static_cast<std::int32_t>(names_.size()); }
  const std::vector<std::string>& names() const { return names_; }

  bool operator==(const SymbolTable& other) const { return names_ == other.names_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  std::vector<std::string> names_;
  std::unordered_map<std::string, std::int32_t, Hash, std::equal_to<>> ids_;
};

}  // namespace harpy
