#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace harpy::kaldi {

/// A file of options of Kaldi's programs, such as mfcc.conf: lines `--name=value`, comments behind
/// "#". In names "_" and "-" are the same, as are capitals and small letters.
///
/// A reader asks for the options it knows and calls refuse_others at last; who needs only some of
/// them leaves that out. Errors of all methods: std::runtime_error naming the file and the line.
class ConfigFile {
 public:
  explicit ConfigFile(const std::filesystem::path& path);

  std::string text(std::string_view name, std::string fallback);
  double number(std::string_view name, double fallback);
  bool boolean(std::string_view name, bool fallback);
  /// A whole number from `minimum` on.
  std::int32_t integer(std::string_view name, std::int32_t fallback, std::int32_t minimum = 0);

  /// "FILE:LINE: --NAME=VALUE: expected …"
  [[noreturn]] void refuse(std::string_view name, const std::string& expected) const;
  void refuse_others() const;

 private:
  struct Option {
    std::string value;
    std::string place;  ///< "FILE:LINE"
    bool is_known = false;
  };
  const std::string* find(std::string_view name);

  std::map<std::string, Option, std::less<>> options_;
};

}  // namespace harpy::kaldi
