#pragma once

#include <array>

#include "tools/pictures/picture.hpp"

namespace harpy::tools {

/// Colours for values from low to high: near black, violet, red, orange, pale yellow. Lightness
/// rises evenly as the eye sees it, so that equal steps of the value look equal, in grey and to the
/// colour-blind too. Source: lightness and hue in Oklab (Ottosson, A perceptual color space for
/// image processing, 2020).
std::array<Colour, 256> make_colour_map();

}  // namespace harpy::tools
