#include "tools/score/text_folding.hpp"

#include <cstdlib>
#include <memory>
#include <stdexcept>

#include <utf8proc.h>

namespace harpy::tools {

namespace {

struct Free {
  void operator()(utf8proc_uint8_t* memory) const { std::free(memory); }  // utf8proc_map's malloc
};

const utf8proc_uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

}  // namespace

std::string fold_text(std::string_view text) {
  utf8proc_uint8_t* memory = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(bytes_of(text), static_cast<utf8proc_ssize_t>(text.size()), &memory,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE |
                                                  UTF8PROC_CASEFOLD | UTF8PROC_IGNORE));
  const std::unique_ptr<utf8proc_uint8_t, Free> folded(memory);
  if (size < 0) {
    throw std::runtime_error(std::string("text cannot be normalised: ") + utf8proc_errmsg(size));
  }
  return {reinterpret_cast<const char*>(folded.get()), static_cast<std::size_t>(size)};
}

Character first_character(std::string_view text) {
  utf8proc_int32_t code_point = 0;
  const utf8proc_ssize_t size =
      utf8proc_iterate(bytes_of(text), static_cast<utf8proc_ssize_t>(text.size()), &code_point);
  if (size <= 0) throw std::invalid_argument("expected UTF-8");
  const utf8proc_category_t category = utf8proc_category(code_point);
  CharacterKind kind = CharacterKind::kSign;
  if (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO) {
    kind = CharacterKind::kWord;
  } else if (category >= UTF8PROC_CATEGORY_ZS && category <= UTF8PROC_CATEGORY_CC) {
    kind = CharacterKind::kSpace;
  }
  return {text.substr(0, static_cast<std::size_t>(size)), kind};
}

}  // namespace harpy::tools
