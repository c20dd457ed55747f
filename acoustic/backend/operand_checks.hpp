#pragma once

#include <string>
#include <string_view>

#include "acoustic/backend/backend.hpp"

/// What the public methods of Backend ask of their operands. Every error is a
/// std::invalid_argument: operation, operand, what was expected, what was got.
namespace harpy::operand_checks {

[[noreturn]] void refuse(std::string_view operation, std::string_view operand,
                         const std::string& expected, const std::string& got);

void require_shape(std::string_view operation, std::string_view operand, const Shape& expected,
                   const Shape& got);

/// A vector with one value a column of x, of any rank.
void require_columns(std::string_view operation, std::string_view operand, ConstTensorView x,
                     ConstTensorView vector);

/// Frames and their unfolded form.
void require_window(std::string_view operation, const TimeWindow& window, ConstTensorView narrow,
                    ConstTensorView wide);

/// Blocks, and the frames joined of them and of those kept before.
void require_block(std::string_view operation, const FrameQueue& queue, ConstTensorView x,
                   ConstTensorView joined);

/// Input, weight and output of a convolution.
void require_convolution(std::string_view operation, const PlaneWindow& window, ConstTensorView x,
                         ConstTensorView weight, ConstTensorView y);

/// Input and output of a pooling.
void require_pooling(std::string_view operation, const PlaneWindow& window, ConstTensorView x,
                     ConstTensorView y);

void require_normalization(std::string_view operation, const Normalization& normalization,
                           ConstTensorView x);

}  // namespace harpy::operand_checks
