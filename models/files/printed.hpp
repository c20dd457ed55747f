#pragma once

#include <string>

namespace harpy {

/// Text of values, by a form as C has them: printed("%.2f s", 1.5). The compiler checks the
/// values against the form.
[[gnu::format(printf, 1, 2)]] std::string printed(const char* form, ...);

}  // namespace harpy
