#pragma once

#include <array>
#include <string>

#include "tools/pictures/picture.hpp"

namespace harpy::tools {

/// The cells of an image as a PNG file with one pixel a cell.
/// Errors: std::invalid_argument for cells that do not fit the image's rows and columns;
/// std::runtime_error if there is no memory for it.
std::string cells_png(const PictureImage& image, const std::array<Colour, 256>& palette);

}  // namespace harpy::tools
