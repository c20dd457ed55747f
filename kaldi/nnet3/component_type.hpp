#pragma once

#include <string>
#include <string_view>

namespace harpy::kaldi {

/// Whether a token, `<TYPE>`, opens what is written of a component of this type.
bool is_opened_by(std::string_view type, std::string_view token);

/// Why a component that a token opens is refused: what its type would take, if it is one of Kaldi's
/// that are known of.
std::string describe_missing(std::string_view token);

}  // namespace harpy::kaldi
