#include "models/files/printed.hpp"

#include <cstdarg>
#include <cstddef>
#include <cstdio>

namespace harpy {

// NOLINTNEXTLINE(cert-dcl50-cpp): only so does the compiler check the values against the form.
std::string printed(const char* form, ...) {
  std::va_list values;
  std::va_list same_values;
  va_start(values, form);
  va_copy(same_values, values);
  const int length = std::vsnprintf(nullptr, 0, form, values);
  va_end(values);
  std::string text(static_cast<std::size_t>(length), '\0');
  std::vsnprintf(text.data(), text.size() + 1, form, same_values);
  va_end(same_values);
  return text;
}

}  // namespace harpy
